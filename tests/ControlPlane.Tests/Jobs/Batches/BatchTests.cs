using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using VmDataset.ControlPlane.Tests.Reconciliation;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Records;
using VmDataset.Worker.Samples;

namespace VmDataset.ControlPlane.Tests.Jobs.Batches;

public sealed class BatchTests : IAsyncDisposable
{
    private readonly Api _api = new();

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task Batches_are_shown_in_each_state_with_what_is_known()
    {
        var job = await SubmitAsync(samples: 45);
        // Done in two parts, by two workers, the second at its second try.
        await _api.FinishAsync(job, "alpha", 0, 4, worker: "worker-1:71");
        await _api.FinishAsync(job, "alpha", 4, 6, attempt: 2, worker: "worker-3:9");
        await _api.FailAsync(job, "alpha", 4, 6);
        // A sample given up, the rest done.
        await _api.FinishAsync(job, "alpha", 10, 9);
        await FailAsync(job, 15, 1, attempt: 1, secondsAgo: 60);
        await FailAsync(job, 19, 1, attempt: 3, secondsAgo: 30);
        await _api.DeadLetterAsync(job, "alpha", 19, 1);
        // Two samples failed, of which one is finished since.
        await FailAsync(job, 20, 1, attempt: 2, secondsAgo: 10);
        await FailAsync(job, 29, 1, attempt: 1, secondsAgo: 20);
        await _api.FinishAsync(job, "alpha", 20, 1, attempt: 3);

        var batches = await ListAsync(job, "?generator=alpha");

        batches.Select(Text).ShouldBe(["alpha 0+10 done 10/0", "alpha 10+10 failed 9/1", "alpha 20+10 retrying 1/0", "alpha 30+10 waiting 0/0", "alpha 40+5 waiting 0/0"]);
        batches[0].GetProperty("seconds").GetDouble().ShouldBe(10);
        batches[0].GetProperty("attempts").GetInt32().ShouldBe(2);
        batches[0].GetProperty("workers").GetRawText().ShouldBe("""["worker-1:71","worker-3:9"]""");
        batches[0].GetProperty("finished_at").GetDateTimeOffset().ShouldBe(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(2));
        batches[0].TryGetProperty("last_error", out _).ShouldBeFalse();
        var error = batches[1].GetProperty("last_error");
        (error.GetProperty("start_index").GetInt32(), error.GetProperty("attempt").GetInt32()).ShouldBe((19, 3));
        error.GetProperty("kind").GetString().ShouldBe("raised");
        error.GetProperty("message").GetString().ShouldBe("no solvable position found");
        error.GetProperty("log_tail").GetString().ShouldBe("drawing…");
        error.GetProperty("worker").GetString().ShouldBe("worker-2:5");
        // The list of failures has the traceback and the rest.
        error.EnumerateObject().Select(static each => each.Name).ShouldBe(["start_index", "samples", "attempt", "kind", "message", "log_tail", "failed_at", "worker"], ignoreOrder: true);
        batches[1].GetProperty("attempts").GetInt32().ShouldBe(3);
        batches[1].TryGetProperty("finished_at", out _).ShouldBeFalse();
        batches[2].At("last_error.start_index").GetInt32().ShouldBe(29);
        batches[2].GetProperty("attempts").GetInt32().ShouldBe(3);
        batches[3].GetRawText().ShouldBe("""{"generator":"alpha","start_index":30,"samples":10,"state":"waiting","samples_done":0,"samples_failed":0,"workers":[]}""");
    }

    [Fact]
    public async Task Batches_that_are_not_done_halt_with_their_job_and_are_tried_again_with_it()
    {
        var job = await SubmitAsync(samples: 30);
        await _api.FinishAsync(job, "alpha", 0, 10);
        await _api.FailAsync(job, "alpha", 10, 1, attempt: 3);
        await _api.DeadLetterAsync(job, "alpha", 10, 1);
        await _api.FailAsync(job, "alpha", 20, 1);
        await ControlAsync(job, JobEventType.Cancelled);

        (await ListAsync(job, "?generator=alpha")).Select(State).ShouldBe(["done", "failed", "halted"]);
        (await ListAsync(job, "?generator=beta")).Select(State).ShouldBe(["halted", "halted", "halted"]);

        await ControlAsync(job, JobEventType.Retried);
        (await ListAsync(job, "?generator=alpha")).Select(State).ShouldBe(["done", "retrying", "retrying"]);
        (await ListAsync(job, "?generator=beta&state=waiting")).Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_batch_whose_samples_wait_for_a_proof_of_reuse_is_proving()
    {
        var waits = new ProofWaits();
        await using var api = Api.Empty(services => services.AddSingleton(waits));
        foreach (var name in new[] { "alpha", "beta" }) api.AddGenerator(name);
        var job = await api.SubmitAsync("""{"generators": ["alpha", "beta"], "samples": 30, "batch_size": 10, "seed": 1}""");
        async Task<string> StatesAsync(string query = "") => string.Join(' ', (await api.GetAsync($"/v1/jobs/{job.Id}/batches{query}"))
            .GetProperty("items").EnumerateArray().Select(State));
        await api.FinishAsync(job, "alpha", 20, 5);

        using var proof = waits.Prove("alpha");
        using var first = waits.Begin(job.Id, "alpha", 0);
        using var second = waits.Begin(job.Id, "alpha", 11);
        using var third = waits.Begin(job.Id, "alpha", 25);
        using var other = waits.Begin(job.Id, "beta", 0);

        // Of the third batch some samples are there, so it is past its proof; no proof is drawn of the other generator.
        (await StatesAsync()).ShouldBe("proving proving waiting waiting waiting waiting");
        (await StatesAsync("?state=proving")).ShouldBe("proving proving");
        second.Draw();
        (await StatesAsync("?generator=alpha")).ShouldBe("proving waiting waiting");
        proof.Dispose();
        (await StatesAsync("?generator=alpha")).ShouldBe("waiting waiting waiting");
    }

    [Fact]
    public async Task Batches_are_paged_in_order()
    {
        var job = await SubmitAsync(samples: 50, from: 105, generators: """["beta", "alpha"]""");

        var pages = await PagesAsync(job, "limit=4");

        pages.Select(static page => page.Count).ShouldBe([4, 4, 2]);
        pages.SelectMany(static page => page).Select(Name).ShouldBe(
            ["alpha 105", "alpha 115", "alpha 125", "alpha 135", "alpha 145", "beta 105", "beta 115", "beta 125", "beta 135", "beta 145"]);
    }

    [Fact]
    public async Task Batches_of_one_state_are_paged_too()
    {
        var job = await SubmitAsync(samples: 50, from: 105);
        // One manifest over two batches and a half.
        await _api.FinishAsync(job, "alpha", 105, 25);
        foreach (var start in new[] { 115, 125, 145 }) await _api.FinishAsync(job, "beta", start, 10);

        var done = await PagesAsync(job, "state=done&limit=2");
        done.Select(static page => page.Select(Name)).ShouldBe([["alpha 105", "alpha 115"], ["beta 115", "beta 125"], ["beta 145"]]);
        var waiting = await PagesAsync(job, "state=waiting&limit=4");
        waiting.SelectMany(static page => page).Select(Text).ShouldBe(
            ["alpha 125+10 waiting 5/0", "alpha 135+10 waiting 0/0", "alpha 145+10 waiting 0/0", "beta 105+10 waiting 0/0", "beta 135+10 waiting 0/0"]);
        (await ListAsync(job, "?state=failed")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Batches_of_one_state_are_in_order_across_many_generators_and_cost_no_LIST_of_those_without_a_failure()
    {
        CountingStore? store = null;
        await using var api = Api.Empty(services =>
        {
            Api.WrapStore(services, own => store = new CountingStore(own));
            Api.RemoveLoop(services);
        });
        string[] names = [.. Enumerable.Range(0, 45).Select(static number => $"generator-{number:00}")];
        foreach (var name in names) api.AddGenerator(name);
        var job = await api.SubmitAsync(
            $$"""{"generators": {{JsonSerializer.Serialize(names)}}, "samples": 20, "batch_size": 10, "seed": 1}""");
        string[] failing = [.. names.Where(static (_, number) => number % 3 == 1)];
        foreach (var name in failing)
        {
            await api.FailAsync(job, name, 10, 10, attempt: 3);
            await api.DeadLetterAsync(job, name, 10, 10);
        }

        store!.Reset();
        var (first, next) = await PageAsync("state=failed&limit=4");
        first.ShouldBe(failing[..4].Select(static name => $"{name} 10"));
        var (second, last) = await PageAsync($"state=failed&limit=20&cursor={next}");
        second.ShouldBe(failing[4..].Select(static name => $"{name} 10"));
        last.ShouldBeNull();
        names.Except(failing).ShouldAllBe(name => !store.Lists.Contains(ObjectKeys.DonePrefix(job.Id, name)));

        List<string> waiting = [];
        for (string? cursor = ""; cursor is not null;)
        {
            (var page, cursor) = await PageAsync($"state=waiting&limit=7{(cursor is "" ? "" : $"&cursor={cursor}")}");
            waiting.AddRange(page);
        }

        waiting.ShouldBe(names.SelectMany(name => failing.Contains(name) ? new[] { $"{name} 0" } : [$"{name} 0", $"{name} 10"]));

        async Task<(IEnumerable<string> Names, string? Next)> PageAsync(string query)
        {
            var page = await api.GetAsync($"/v1/jobs/{job.Id}/batches?{query}");
            return (page.GetProperty("items").EnumerateArray().Select(Name),
                page.TryGetProperty("next_cursor", out var cursor) ? Uri.EscapeDataString(cursor.GetString()!) : null);
        }
    }

    [Fact]
    public async Task Batches_of_earlier_versions_have_no_worker()
    {
        var job = await SubmitAsync(samples: 10);
        await _api.PutTextAsync(ObjectKeys.Done(job.Id, "alpha", new SampleRange(0, 10)), """{"generator": "alpha", "seconds": 1.5, "finished_at": "2026-01-02T03:04:05+00:00", "samples": []}""");

        var batch = (await ListAsync(job, "?state=done")).ShouldHaveSingleItem();

        batch.GetRawText().ShouldBe("""{"generator":"alpha","start_index":0,"samples":10,"state":"done","samples_done":10,"samples_failed":0,"seconds":1.5,"workers":[],"finished_at":"2026-01-02T03:04:05+00:00"}""");
    }

    [Theory]
    [InlineData("state=running", "state", "state is 'running'; allowed: done, failed, retrying, proving, waiting, halted.")]
    [InlineData("state=Done", "state", "allowed: done, failed")]
    [InlineData("limit=0", "limit", "allowed: an integer from 1 to 100")]
    [InlineData("cursor=alpha", "cursor", "allowed: the next_cursor")]
    [InlineData("generator=gamma", "generator", "allowed: one of this job's generators")]
    [InlineData("worker=a", "worker", "allowed: state, generator, limit, cursor")]
    public async Task A_query_of_batches_that_is_not_understood_is_refused(string query, string field, string phrase)
    {
        var job = await SubmitAsync(samples: 10);

        var problem = await _api.GetAsync($"/v1/jobs/{job.Id}/batches?{query}", HttpStatusCode.BadRequest);

        problem.ErrorOf(field).ShouldContain(phrase);
    }

    private Task<Job> SubmitAsync(int samples, int from = 0, string generators = """["alpha", "beta"]""") => _api.SubmitAsync(
        $$"""{"generators": {{generators}}, "samples": {{samples}}, "batch_size": 10, "seed": 1, "start_index": {{from}}}""");

    private async Task FailAsync(Job job, int index, int count, int attempt, int secondsAgo)
    {
        await _api.FailAsync(job, "alpha", index, count, attempt);
        File.SetLastWriteTimeUtc(Path.Combine(_api.DataDir, "store", ObjectKeys.Failed(job.Id, "alpha", new SampleRange(index, count))), DateTime.UtcNow.AddSeconds(-secondsAgo));
    }

    private async Task ControlAsync(Job job, JobEventType verb)
    {
        var log = _api.Services.GetRequiredService<JobEventLog>();
        await log.AppendAsync(job.Id, _ => log.Event(verb));
    }

    private async Task<List<JsonElement>> ListAsync(Job job, string query) =>
        [.. (await _api.GetAsync($"/v1/jobs/{job.Id}/batches{query}")).GetProperty("items").EnumerateArray()];

    private async Task<List<List<JsonElement>>> PagesAsync(Job job, string query)
    {
        List<List<JsonElement>> pages = [];
        string? cursor = null;
        do
        {
            var page = await _api.GetAsync($"/v1/jobs/{job.Id}/batches?{query}{(cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}")}");
            pages.Add([.. page.GetProperty("items").EnumerateArray()]);
            cursor = page.TryGetProperty("next_cursor", out var next) ? next.GetString() : null;
        }
        while (cursor is not null);
        return pages;
    }

    private static string State(JsonElement batch) => batch.GetProperty("state").GetString()!;

    private static string Name(JsonElement batch) => $"{batch.GetProperty("generator").GetString()} {batch.GetProperty("start_index").GetInt32()}";

    private static string Text(JsonElement batch) =>
        $"{Name(batch)}+{batch.GetProperty("samples").GetInt32()} {State(batch)} {batch.GetProperty("samples_done").GetInt32()}/{batch.GetProperty("samples_failed").GetInt32()}";
}
