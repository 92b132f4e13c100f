using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Records;

namespace VmDataset.ControlPlane.Tests.Jobs.Control;

public sealed class ControlTests : IAsyncDisposable
{
    private readonly Api _api = new();

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task A_cancelled_job_says_so_and_stays_so()
    {
        var job = await SubmitAsync();
        var view = await DoAsync(job, "cancel");
        view.GetProperty("state").GetString().ShouldBe("cancelled");
        view.TryGetProperty("eta_seconds", out _).ShouldBeFalse();
        // Workers may still store what they have in hand.
        view.TryGetProperty("finished_at", out _).ShouldBeFalse();
        _api.Time.Shift += HaltTiming.Local.SettleTime;
        var settled = await _api.GetAsync($"/v1/jobs/{job.Id}");
        settled.GetProperty("finished_at").GetDateTimeOffset().ShouldBe(_api.Time.GetUtcNow(), TimeSpan.FromMinutes(1));

        (await DoAsync(job, "cancel")).GetProperty("history").GetArrayLength().ShouldBe(1);
        await RefusedAsync(job, "pause", "is cancelled");
        await RefusedAsync(job, "resume", "is cancelled");
        (await _api.GetAsync("/v1/jobs")).At("items[0].state").GetString().ShouldBe("cancelled");
    }

    [Fact]
    public async Task A_job_whose_generator_changed_meanwhile_says_so()
    {
        var job = await SubmitAsync();
        (await _api.GetAsync($"/v1/jobs/{job.Id}")).TryGetProperty("warnings", out _).ShouldBeFalse();
        var log = _api.Services.GetRequiredService<JobEventLog>();
        await log.AppendAsync(job.Id, _ => log.Event(JobEventType.GeneratorChanged) with { Generator = "alpha", Version = "2", Reason = "It is not what it was." });

        var view = await _api.GetAsync($"/v1/jobs/{job.Id}");
        view.GetProperty("warnings").EnumerateArray().ShouldHaveSingleItem().GetString().ShouldBe("It is not what it was.");
        view.GetProperty("state").GetString().ShouldBe("running");
        History(view).ShouldBe(["generator_changed"]);
        view.At("history[0].version").GetString().ShouldBe("2");
        (await _api.GetAsync("/v1/jobs")).At("items[0].warnings").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task A_version_that_a_worker_noted_is_added_to_the_log_once()
    {
        var job = await SubmitAsync();
        await new DrawnVersions(_api.Store).NoteAsync(job.Id, "alpha", "0123");

        for (var i = 0; i < 2; i++) await _api.PassAsync(job.Id);

        var view = await _api.GetAsync($"/v1/jobs/{job.Id}");
        view.GetProperty("warnings").EnumerateArray().ShouldHaveSingleItem().GetString()
            .ShouldBe($"The generator 'alpha' is not what the job was submitted with: samples are drawn with version 0123, it was version {job.Generators[0].Version}.");
    }

    [Fact]
    public async Task A_paused_job_waits_and_a_resumed_one_sends_what_is_missing()
    {
        var job = await SubmitAsync();
        await _api.DrainAsync();
        (await DoAsync(job, "pause")).GetProperty("state").GetString().ShouldBe("paused");
        (await DoAsync(job, "pause")).GetProperty("history").GetArrayLength().ShouldBe(1);
        await _api.FinishAsync(job, "alpha", 0, 25);
        await RefusedAsync(job, "retry", "/resume resumes it");

        var resumed = await DoAsync(job, "resume");

        resumed.GetProperty("state").GetString().ShouldBe("running");
        History(resumed).ShouldBe(["paused", "resumed"]);
        (await _api.DrainAsync()).Select(static message => (message.Generator, message.StartIndex, message.NumSamples, message.Generation))
            .ShouldBe([("beta", 0, 10, 2), ("beta", 10, 10, 2), ("beta", 20, 5, 2)]);
        (await DoAsync(job, "resume")).GetProperty("history").GetArrayLength().ShouldBe(2);
        (await _api.DrainAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_retry_fills_the_holes_of_a_failed_job()
    {
        var job = await FailedAsync();
        var view = await DoAsync(job, "retry", """{"timeout_seconds": 600}""", HttpStatusCode.Accepted);
        view.GetProperty("state").GetString().ShouldBe("running");
        view.At("samples.failed").GetInt32().ShouldBe(0);
        view.At("history[0].timeout_seconds").GetInt32().ShouldBe(600);
        (await _api.DrainAsync()).Select(static message => (message.Generator, message.StartIndex, message.NumSamples, message.BatchStart, message.TimeoutSeconds, message.Attempt))
            .ShouldBe([("beta", 3, 2, 0, 600, 1), ("alpha", 20, 1, null, 600, 1)]);
    }

    [Fact]
    public async Task A_retry_may_be_of_one_generator()
    {
        var job = await FailedAsync();
        var view = await DoAsync(job, "retry", """{"generator": "beta"}""", HttpStatusCode.Accepted);
        (await _api.DrainAsync()).ShouldHaveSingleItem().Generator.ShouldBe("beta");
        view.GetProperty("generators").EnumerateArray().Select(static each => each.GetProperty("state").GetString()).ShouldBe(["failed", "running"]);
        await _api.FinishAsync(job, "beta", 3, 2);
        (await _api.GetAsync($"/v1/jobs/{job.Id}")).GetProperty("state").GetString().ShouldBe("failed");
    }

    [Fact]
    public async Task A_retry_of_a_cause_draws_what_failed_for_good_by_it_and_leaves_the_rest_failed()
    {
        var job = await FailedAsync(samples: [3, 8], others: [12]);
        var causes = (await _api.GetAsync($"/v1/jobs/{job.Id}/failures/causes")).GetProperty("items").EnumerateArray().ToList();
        var cause = causes[0].GetProperty("id").GetString();
        cause.ShouldNotBe(causes[1].GetProperty("id").GetString());

        var view = await DoAsync(job, "retry", $$"""{"cause": "{{cause}}", "timeout_seconds": 9}""", HttpStatusCode.Accepted);

        view.GetProperty("state").GetString().ShouldBe("running");
        view.At("samples.failed").GetInt32().ShouldBe(1);
        (view.At("history[0].generator").GetString(), view.At("history[0].samples").GetInt32()).ShouldBe(("alpha", 2));
        (await _api.DrainAsync()).Select(static message => (message.Generator, message.StartIndex, message.NumSamples, message.TimeoutSeconds))
            .ShouldBe([("alpha", 3, 1, 9), ("alpha", 8, 1, 9)]);
        await _api.FinishAsync(job, "alpha", 3, 1);
        await _api.DeadLetterAsync(job, "alpha", 8, 1, round: 1);
        var ended = await _api.GetAsync($"/v1/jobs/{job.Id}");
        (ended.GetProperty("state").GetString(), ended.At("samples.failed").GetInt32()).ShouldBe(("failed", 2));
        (await DoAsync(job, "retry", $$"""{"cause": "{{cause}}", "generator": "alpha"}""", HttpStatusCode.Accepted)).At("history[1].samples").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task A_cause_that_took_part_of_a_range_that_was_given_up_is_retried_with_the_whole_range()
    {
        var job = await SubmitAsync();
        await _api.DrainAsync();
        await _api.FailAsync(job, "alpha", 4, 1, message: "by one sample");
        await _api.FailAsync(job, "alpha", 0, 10, message: "by the batch");
        await _api.DeadLetterAsync(job, "alpha", 0, 10);

        var view = await DoAsync(job, "retry", $$"""{"cause": "{{await CauseAsync(job, "by one sample")}}"}""", HttpStatusCode.Accepted);

        view.At("history[0].samples").GetInt32().ShouldBe(10);
        (await _api.DrainAsync()).Select(static message => (message.StartIndex, message.NumSamples)).ShouldContain((0, 10));
    }

    [Fact]
    public async Task A_retry_of_a_cause_is_refused_where_it_would_do_nothing()
    {
        var job = await SubmitAsync();
        await _api.FailAsync(job, "alpha", 4, 1);
        await _api.FailAsync(job, "beta", 4, 1, message: "another");
        var body = $$"""{"cause": "{{await CauseAsync(job, "no solvable position found")}}"}""";

        (await DoAsync(job, "retry", body, HttpStatusCode.Conflict)).GetProperty("detail").GetString().ShouldEndWith("nothing of this cause has failed for good; it is tried again by itself.");
        (await DoAsync(job, "retry", body.Replace("}", ", \"generator\": \"beta\"}", StringComparison.Ordinal), HttpStatusCode.BadRequest)).ErrorOf("cause").ShouldContain("by which no missing sample of beta has failed; allowed: an id of GET /v1/jobs/{id}/failures/causes");
        (await DoAsync(job, "retry", """{"cause": "0123456789ab"}""", HttpStatusCode.BadRequest)).ErrorOf("cause").ShouldContain("no missing sample of the job has failed");
        (await DoAsync(job, "retry", """{"cause": "0123456789AB"}""", HttpStatusCode.BadRequest)).ErrorOf("cause").ShouldContain("12 letters of 0-9 and a-f");
        await _api.DeadLetterAsync(job, "alpha", 4, 1);
        await DoAsync(job, "cancel");
        (await DoAsync(job, "retry", body, HttpStatusCode.Conflict)).GetProperty("detail").GetString().ShouldEndWith("the work on alpha was ended; a retry of it draws all that is missing.");
        History(await _api.GetAsync($"/v1/jobs/{job.Id}")).ShouldBe(["cancelled"]);
    }

    [Fact]
    public async Task A_cause_is_looked_for_among_5000_failures_of_its_generator_at_most()
    {
        var job = await _api.SubmitAsync("""{"generators": ["alpha", "beta"], "samples": 6000, "batch_size": 1000}""");
        await Parallel.ForEachAsync(Enumerable.Range(0, 5001), async (index, _) => await _api.FailAsync(job, "alpha", index, 1));
        await _api.FailAsync(job, "beta", 5, 1, message: "another");
        await _api.DeadLetterAsync(job, "beta", 5, 1);
        var cause = await CauseAsync(job, "another", "?generator=beta");

        (await DoAsync(job, "retry", $$"""{"cause": "{{cause}}"}""", HttpStatusCode.Conflict)).GetProperty("detail").GetString()
            .ShouldBe("The cause cannot be looked for among more than 5,000 failures: name its generator too, or retry all that is missing of it.");
        await DoAsync(job, "retry", $$"""{"cause": "{{cause}}", "generator": "beta"}""", HttpStatusCode.Accepted);
    }

    [Theory]
    [InlineData("""{"generator": "gamma"}""", "generator")]
    [InlineData("""{"cause": 5}""", "cause")]
    [InlineData("""{"generator": 5, "timeout_seconds": 0}""", "generator,timeout_seconds")]
    [InlineData("""{"what": 1}""", "what")]
    [InlineData("[]", "body")]
    public async Task A_wrong_retry_is_refused_with_every_field(string body, string fields)
    {
        var job = await FailedAsync();
        var problem = await DoAsync(job, "retry", body, HttpStatusCode.BadRequest);
        problem.GetProperty("errors").EnumerateObject().Select(static field => field.Name).Order().ShouldBe(fields.Split(','));
        (await _api.DrainAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_job_that_has_all_it_wants_is_left_alone()
    {
        var job = await SubmitAsync();
        await _api.FinishAsync(job, "alpha", 0, 25);
        await _api.FinishAsync(job, "beta", 0, 25);
        foreach (var verb in new[] { "cancel", "pause", "resume", "retry" }) await RefusedAsync(job, verb, "is succeeded");
    }

    [Fact]
    public async Task A_cancellation_shows_the_reason_that_it_was_given()
    {
        var job = await SubmitAsync();
        (await DoAsync(job, "cancel", """{"reason": "two\nlines"}""", HttpStatusCode.BadRequest)).ErrorOf("reason").ShouldContain("a line of");

        var view = await DoAsync(job, "cancel", """{"reason": "The mazes are too easy."}""");

        view.GetProperty("reason").GetString().ShouldBe("The mazes are too easy.");
        view.At("history[0].reason").GetString().ShouldBe("The mazes are too easy.");
    }

    [Fact]
    public async Task A_paused_job_has_no_time_left_and_a_failed_one_a_reason()
    {
        var job = await SubmitAsync();
        _api.Time.Shift = TimeSpan.FromSeconds(10);
        await _api.FinishAsync(job, "alpha", 0, 20);
        (await _api.GetAsync($"/v1/jobs/{job.Id}")).TryGetProperty("eta_seconds", out _).ShouldBeTrue();
        (await DoAsync(job, "pause")).TryGetProperty("eta_seconds", out _).ShouldBeFalse();

        var failed = await _api.GetAsync($"/v1/jobs/{(await FailedAsync()).Id}");
        failed.GetProperty("reason").GetString()!.ShouldStartWith("3 of 50 samples failed for good; ");
    }

    [Fact]
    public async Task A_cancelled_job_can_be_retried()
    {
        var job = await SubmitAsync();
        await _api.DrainAsync();
        await DoAsync(job, "cancel");
        await _api.FinishAsync(job, "alpha", 0, 25);
        (await DoAsync(job, "retry", expected: HttpStatusCode.Accepted)).GetProperty("state").GetString().ShouldBe("running");
        (await _api.DrainAsync()).Select(static message => message.Generator).Distinct().ShouldBe(["beta"]);
    }

    [Fact]
    public async Task A_paused_job_that_its_budget_stopped_can_be_retried()
    {
        var job = await _api.SubmitAsync("""{"generators": ["alpha"], "samples": 25, "batch_size": 10, "max_failed_samples": 0}""");
        await DoAsync(job, "pause");
        await _api.DeadLetterAsync(job, "alpha", 3, 1);
        await _api.PassAsync(job.Id);
        (await _api.GetAsync($"/v1/jobs/{job.Id}")).GetProperty("state").GetString().ShouldBe("failed");
        (await DoAsync(job, "retry", expected: HttpStatusCode.Accepted)).GetProperty("state").GetString().ShouldBe("running");
    }

    [Fact]
    public async Task The_last_of_many_simultaneous_pauses_and_resumptions_holds_and_nothing_breaks()
    {
        var job = await SubmitAsync();
        await Task.WhenAll(Enumerable.Range(0, 12).Select(i => DoAsync(job, i % 2 == 0 ? "pause" : "resume")));
        var view = await _api.GetAsync($"/v1/jobs/{job.Id}");
        var history = History(view);
        history.Where((verb, i) => verb != (i % 2 == 0 ? "paused" : "resumed")).ShouldBeEmpty();
        view.GetProperty("state").GetString().ShouldBe(history.Count % 2 == 1 ? "paused" : "running");
    }

    [Fact]
    public async Task Jobs_that_are_not_there_and_names_that_are_none_are_told()
    {
        using var client = _api.Client();
        foreach (var verb in new[] { "cancel", "pause", "resume", "retry" })
        {
            (await client.PostAsync(new Uri($"/v1/jobs/nowhere/{verb}", UriKind.Relative), null)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
            (await client.PostAsync(new Uri($"/v1/jobs/-/{verb}", UriKind.Relative), null)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        }

        (await client.DeleteAsync(new Uri("/v1/jobs/nowhere", UriKind.Relative))).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_spent_budget_stops_the_job_at_the_next_pass_and_says_why()
    {
        var job = await _api.SubmitAsync("""{"generators": ["alpha", "beta"], "samples": 25, "batch_size": 10, "max_failed_percent": 8, "failure_budget_per": "generator"}""");
        await _api.DeadLetterAsync(job, "beta", 3, 3);
        await _api.PassAsync(job.Id);
        var view = await _api.GetAsync($"/v1/jobs/{job.Id}");
        view.GetProperty("state").GetString().ShouldBe("running");
        view.GetProperty("reason").GetString().ShouldBe("The failure budget is spent: 3 of 25 samples failed in their last try; max_failed_percent is 8.");
        var beta = view.GetProperty("generators")[1];
        (beta.GetProperty("state").GetString(), beta.GetProperty("reason").GetString()).ShouldBe(("failed", view.GetProperty("reason").GetString()));
        History(view).ShouldBe(["stopped"]);
        await _api.FinishAsync(job, "alpha", 0, 25);
        (await _api.GetAsync($"/v1/jobs/{job.Id}")).GetProperty("state").GetString().ShouldBe("failed");
    }

    [Fact]
    public async Task A_deleted_job_is_gone_with_all_it_made_and_others_stay()
    {
        var (job, other) = (await FailedAsync(), await SubmitAsync());
        await _api.PutTextAsync($"jobs/{job.Id}/data/alpha/shape_task/shape_00000000/prompt.txt", "text");
        (await DeleteAsync(other)).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await DeleteAsync(job)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await _api.GetAsync($"/v1/jobs/{job.Id}", HttpStatusCode.NotFound)).GetProperty("status").GetInt32().ShouldBe(404);
        await _api.GetAsync($"/v1/jobs/{job.Id}/samples", HttpStatusCode.NotFound);
        (await _api.GetAsync("/v1/jobs")).GetProperty("items").EnumerateArray().ShouldHaveSingleItem().GetProperty("id").GetString().ShouldBe(other.Id);
        // A claim on its dataset may be given back a moment later.
        await Eventually.GetAsync(() => KeysAsync(job), keys => keys is [var key] && key == ObjectKeys.Control(job.Id, 1));
        Directory.EnumerateFiles(Path.Combine(_api.DataDir, "store", "jobs", job.Id), "*", SearchOption.AllDirectories)
            .ShouldHaveSingleItem().ShouldEndWith("control/000001.json");
        (await DeleteAsync(job)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await _api.RestartAsync();
        (await DeleteAsync(job)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task A_removal_that_was_cut_short_is_gone_on_with_by_any_look_at_the_list()
    {
        var job = await FailedAsync();
        await _api.PutTextAsync($"jobs/{job.Id}/control/000001.json", """{"number": 1, "verb": "deleted", "at": "2026-11-23T12:00:00+00:00"}""");
        await _api.GetAsync($"/v1/jobs/{job.Id}", HttpStatusCode.NotFound);

        (await _api.GetAsync("/v1/jobs")).GetProperty("items").GetArrayLength().ShouldBe(0);

        await Eventually.BeTrueAsync(() => Task.FromResult(!File.Exists(Path.Combine(_api.DataDir, "store", "jobs", job.Id, "job.json"))));
    }

    private async Task<List<string>> KeysAsync(Job job) =>
        await _api.Store.ListAsync($"jobs/{job.Id}/").Select(static entry => entry.Key).ToListAsync();

    private Task<Job> SubmitAsync() => _api.SubmitAsync("""{"generators": ["alpha", "beta"], "samples": 25, "batch_size": 10, "seed": 42}""");

    /// <summary>Lacks 20 of alpha and 3 and 4 of beta.</summary>
    private async Task<Job> FailedAsync()
    {
        var job = await SubmitAsync();
        await _api.DrainAsync();
        await _api.FinishAsync(job, "alpha", 0, 20);
        await _api.FinishAsync(job, "alpha", 21, 4);
        await _api.DeadLetterAsync(job, "alpha", 20, 1);
        await _api.FinishAsync(job, "beta", 0, 3);
        await _api.FinishAsync(job, "beta", 5, 20);
        await _api.DeadLetterAsync(job, "beta", 3, 2);
        (await _api.GetAsync($"/v1/jobs/{job.Id}")).GetProperty("state").GetString().ShouldBe("failed");
        return job;
    }

    /// <summary>All is finished but these samples of alpha, which were given up by one cause, and others by another.</summary>
    private async Task<Job> FailedAsync(int[] samples, int[] others)
    {
        var job = await SubmitAsync();
        await _api.DrainAsync();
        await _api.FinishAsync(job, "beta", 0, 25);
        int[] failed = [.. samples, .. others];
        foreach (var index in Enumerable.Range(0, 25).Except(failed)) await _api.FinishAsync(job, "alpha", index, 1);
        foreach (var index in failed)
        {
            await _api.FailAsync(job, "alpha", index, 1, message: samples.Contains(index) ? $"no position for seed {index}" : "out of memory");
            await _api.DeadLetterAsync(job, "alpha", index, 1);
        }

        return job;
    }

    private async Task<string> CauseAsync(Job job, string message, string query = "") =>
        (await _api.GetAsync($"/v1/jobs/{job.Id}/failures/causes{query}")).GetProperty("items").EnumerateArray()
            .First(cause => cause.GetProperty("message").GetString() == message).GetProperty("id").GetString()!;

    private static List<string> History(JsonElement view) => [.. view.GetProperty("history").EnumerateArray().Select(static each => each.GetProperty("event").GetString()!)];

    private async Task RefusedAsync(Job job, string verb, string phrase) =>
        (await DoAsync(job, verb, expected: HttpStatusCode.Conflict)).GetProperty("detail").GetString()!.ShouldContain(phrase);

    private async Task<JsonElement> DoAsync(Job job, string verb, string? body = null, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var client = _api.Client();
        using var content = body is null ? null : new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync(new Uri($"/v1/jobs/{job.Id}/{verb}", UriKind.Relative), content);
        var text = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(expected, text);
        return JsonElement.Parse(text);
    }

    private async Task<HttpResponseMessage> DeleteAsync(Job job)
    {
        using var client = _api.Client();
        return await client.DeleteAsync(new Uri($"/v1/jobs/{job.Id}", UriKind.Relative));
    }
}
