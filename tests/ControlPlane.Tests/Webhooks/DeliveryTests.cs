using System.Net;
using Microsoft.Extensions.DependencyInjection;
using VmDataset.ControlPlane.Webhooks;
using VmDataset.Pipeline.Local;
using VmDataset.Pipeline.Queue;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;

namespace VmDataset.ControlPlane.Tests.Webhooks;

public sealed class DeliveryTests : IAsyncDisposable
{
    private readonly Api _api = Hooked.Start();

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task A_webhook_tells_of_a_job_that_succeeded_without_being_asked()
    {
        await using var receiver = new Receiver();
        var job = await _api.SubmitHookedAsync(receiver.Url);
        (await _api.GetAsync($"/v1/jobs/{job.Id}")).At("spec.webhook_url").GetString().ShouldBe(receiver.Url.OriginalString);
        (await _api.WebhookAsync(job)).GetRawText().ShouldBe($$"""{"url":"{{receiver.Url}}","state":"pending","events":[]}""");

        await _api.FinishAsync(job, "alpha", 0, 10);
        var view = await Eventually.GetAsync(() => _api.WebhookAsync(job), view => view.GetProperty("state").GetString() == "delivered");

        var message = receiver.Messages.ShouldHaveSingleItem();
        (message.Method, message.Path, message.Headers["Content-Type"]).ShouldBe(("POST", "/hooks/datasets", "application/json"));
        message.Id.ShouldBe($"{job.Id}_job_ended");
        message.Headers["webhook-signature"].ShouldBe(message.SignedWith(Hooked.Key));
        DateTimeOffset.FromUnixTimeSeconds(long.Parse(message.Headers["webhook-timestamp"], null)).ShouldBe(_api.Time.GetUtcNow(), TimeSpan.FromMinutes(1));
        message.Json.EnumerateObject().Select(field => field.Name).ShouldBe(["type", "timestamp", "data"]);
        message.Json.GetProperty("type").GetString().ShouldBe("job.ended");
        var shown = await _api.GetAsync($"/v1/jobs/{job.Id}");
        message.Json.GetProperty("timestamp").GetDateTimeOffset().ShouldBe(shown.GetProperty("finished_at").GetDateTimeOffset());
        var data = message.Json.GetProperty("data");
        foreach (var field in shown.EnumerateObject().Where(field => field.Name is not ("links" or "batches" or "dataset" or "plan" or "actual")))
            data.GetProperty(field.Name).GetRawText().ShouldBe(field.Value.GetRawText(), field.Name);
        data.TryGetProperty("links", out _).ShouldBeFalse();
        var only = view.GetProperty("events")[0];
        (only.GetProperty("id").GetString(), only.GetProperty("state").GetString()).ShouldBe((message.Id, "delivered"));
        Hooked.Attempts(view).ShouldHaveSingleItem().GetProperty("status").GetInt32().ShouldBe(204);
        await Eventually.BeTrueAsync(async () =>
        {
            await _api.ReconcileAsync();
            return Directory.GetFiles(Path.Combine(_api.DataDir, "store", "pending")).Length == 0;
        });
    }

    [Fact]
    public async Task A_webhook_tells_of_a_job_that_failed()
    {
        await using var receiver = new Receiver();
        var job = await _api.SubmitHookedAsync(receiver.Url);
        await _api.FinishAsync(job, "alpha", 0, 9);
        await _api.DeadLetterAsync(job, "alpha", 9, 1);

        await _api.UntilAsync(job, "delivered");

        var data = receiver.Messages.ShouldHaveSingleItem().Json.GetProperty("data");
        data.GetProperty("state").GetString().ShouldBe("failed");
        data.GetProperty("samples").GetRawText().ShouldBe("""{"total":10,"done":9,"failed":1}""");
    }

    [Fact]
    public async Task A_webhook_says_nothing_before_the_jobs_end()
    {
        await using var receiver = new Receiver();
        var job = await _api.SubmitHookedAsync(receiver.Url);
        await _api.FinishAsync(job, "alpha", 0, 9);

        await _api.ReconcileAsync();
        await _api.PassAsync(job.Id);

        receiver.Messages.ShouldBeEmpty();
        (await _api.WebhookAsync(job)).GetProperty("state").GetString().ShouldBe("pending");
    }

    [Fact]
    public async Task Every_attempt_says_the_same_until_one_is_taken()
    {
        await using var receiver = new Receiver(500, 404, 200);
        var job = await _api.EndHookedAsync(receiver.Url);

        var view = await _api.UntilAttemptsAsync(job, 1);
        view.At("events[0].next_attempt_at").GetDateTimeOffset()
            .ShouldBe(Hooked.Attempts(view)[0].GetProperty("at").GetDateTimeOffset() + TimeSpan.FromSeconds(5));
        await _api.ReconcileAsync();
        receiver.Messages.Count.ShouldBe(1);
        _api.Time.Shift += TimeSpan.FromSeconds(6);
        await _api.UntilAttemptsAsync(job, 2);
        _api.Time.Shift += TimeSpan.FromMinutes(4);
        await _api.ReconcileAsync();
        receiver.Messages.Count.ShouldBe(2);
        _api.Time.Shift += TimeSpan.FromMinutes(2);
        view = await _api.UntilAsync(job, "delivered");

        Hooked.Attempts(view).Select(attempt => attempt.GetProperty("status").GetInt32()).ShouldBe([500, 404, 200]);
        receiver.Messages.Count.ShouldBe(3);
        receiver.Messages.Select(message => (message.Id, Convert.ToHexString(message.Body))).Distinct().ShouldHaveSingleItem();
        receiver.Messages.Select(message => message.Headers["webhook-timestamp"]).Distinct().Count().ShouldBe(3);
        receiver.Messages.ShouldAllBe(message => message.Headers["webhook-signature"] == message.SignedWith(Hooked.Key));
    }

    [Fact]
    public async Task A_delivery_is_given_up_after_the_last_attempt()
    {
        await using var receiver = new Receiver(503);
        var job = await _api.EndHookedAsync(receiver.Url);

        for (var attempt = 1; attempt < 10; attempt++)
        {
            await _api.UntilAttemptsAsync(job, attempt);
            _api.Time.Shift += TimeSpan.FromDays(1);
        }

        var view = await _api.UntilAsync(job, "given_up");
        receiver.Messages.Count.ShouldBe(10);
        view.GetProperty("events")[0].TryGetProperty("next_attempt_at", out _).ShouldBeFalse();
        _api.Time.Shift += TimeSpan.FromDays(2);
        await _api.ReconcileAsync();
        receiver.Messages.Count.ShouldBe(10);
    }

    [Fact]
    public async Task A_delivery_is_given_up_at_the_first_attempt_when_the_receiver_is_gone_for_good()
    {
        await using var receiver = new Receiver(410);

        await _api.UntilAsync(await _api.EndHookedAsync(receiver.Url), "given_up");

        receiver.Messages.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_delivery_waits_as_long_as_the_receiver_asks()
    {
        await using var receiver = new Receiver((_, answer) =>
        {
            answer.StatusCode = 429;
            answer.Headers["Retry-After"] = "3600";
            return Task.CompletedTask;
        });

        var view = await _api.UntilAttemptsAsync(await _api.EndHookedAsync(receiver.Url), 1);

        view.At("events[0].next_attempt_at").GetDateTimeOffset()
            .ShouldBe(Hooked.Attempts(view)[0].GetProperty("at").GetDateTimeOffset() + TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task A_delivery_follows_no_redirect()
    {
        await using var inner = new Receiver();
        await using var receiver = new Receiver((_, answer) =>
        {
            answer.StatusCode = 307;
            answer.Headers["Location"] = inner.Url.AbsoluteUri;
            return Task.CompletedTask;
        });

        var view = await _api.UntilAttemptsAsync(await _api.EndHookedAsync(receiver.Url), 1);

        Hooked.Attempts(view)[0].GetProperty("status").GetInt32().ShouldBe(307);
        inner.Messages.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_receiver_that_is_not_there_is_told_later()
    {
        var url = new Uri($"http://127.0.0.1:{Receiver.FreePort()}/");

        var view = await _api.UntilAttemptsAsync(await _api.EndHookedAsync(url), 1);

        view.GetProperty("state").GetString().ShouldBe("pending");
        Hooked.Attempts(view)[0].GetProperty("error").GetString().ShouldBe("No connection could be made with the receiver.");
    }

    [Fact]
    public async Task A_delivery_does_not_wait_for_the_end_of_an_answer()
    {
        var end = new TaskCompletionSource();
        await using var receiver = new Receiver(async (_, answer) =>
        {
            answer.SendChunked = true;
            await answer.OutputStream.WriteAsync(new byte[100]);
            await answer.OutputStream.FlushAsync();
            await end.Task;
        });

        await _api.UntilAsync(await _api.EndHookedAsync(receiver.Url), "delivered");

        end.SetResult();
    }

    [Fact]
    public async Task An_attempt_whose_sender_died_is_followed_by_another()
    {
        await using var receiver = new Receiver();
        var job = await _api.SubmitHookedAsync(receiver.Url);
        var id = $"{job.Id}_job_ended";
        await _api.PutTextAsync(ObjectKeys.WebhookBody(job.Id, id), """{"type": "job.ended", "from": "the one that died"}""");
        await _api.Store.PutJsonAsync(ObjectKeys.WebhookClaim(job.Id, id, 1), new AttemptClaim(_api.Time.GetUtcNow(), "another"));
        await _api.FinishAsync(job, "alpha", 0, 10);

        _api.Time.Shift += TimeSpan.FromSeconds(25);
        await _api.ReconcileAsync();
        await _api.PassAsync(job.Id);
        receiver.Messages.ShouldBeEmpty();
        _api.Time.Shift += TimeSpan.FromSeconds(10);
        var view = await _api.UntilAsync(job, "delivered");

        var attempts = Hooked.Attempts(view);
        attempts.Count.ShouldBe(2);
        attempts[0].EnumerateObject().Select(field => field.Name).ShouldBe(["at"]);
        receiver.Messages.ShouldHaveSingleItem().Json.GetProperty("from").GetString().ShouldBe("the one that died");
    }

    [Fact]
    public async Task A_webhook_tells_of_a_generator_that_its_budget_stopped_and_of_each_end()
    {
        await using var receiver = new Receiver();
        _api.AddGenerator("beta");
        var job = await _api.SubmitAsync($$"""
            {"generators": ["alpha", "beta"], "samples": 10, "batch_size": 10, "max_failed_samples": 0, "failure_budget_per": "generator",
             "webhook_url": "{{receiver.Url.OriginalString}}"}
            """);
        await _api.DeadLetterAsync(job, "beta", 0, 1);
        await _api.UntilAsync(job, _ => receiver.Messages.Count == 1);
        var stopped = receiver.Messages.ShouldHaveSingleItem();
        (stopped.Id, stopped.Json.GetProperty("type").GetString()).ShouldBe(($"{job.Id}_job_stopped_1", "job.stopped"));
        stopped.Json.At("data.reason").GetString()!.ShouldStartWith("The failure budget is spent:");

        await _api.FinishAsync(job, "alpha", 0, 10);
        await _api.UntilAsync(job, _ => receiver.Messages.Count == 2);
        receiver.Messages[1].Id.ShouldBe($"{job.Id}_job_ended");

        using var client = _api.Client();
        using var retried = await client.PostAsync(new Uri($"/v1/jobs/{job.Id}/retry", UriKind.Relative), null);
        retried.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        await _api.FinishAsync(job, "beta", 0, 10);
        await _api.UntilAsync(job, _ => receiver.Messages.Count == 3);
        receiver.Messages[2].Id.ShouldBe($"{job.Id}_job_ended_2");
        receiver.Messages[2].Json.At("data.state").GetString().ShouldBe("succeeded");
    }

    [Fact]
    public async Task Two_instances_tell_it_once()
    {
        using var folder = new TemporaryFolder();
        var store = new FileSystemObjectStore(folder.Combine("store"));
        var queue = new SqliteBatchQueue(folder.Combine("queue.db"), 3);
        void Share(IServiceCollection services) => services.AddSingleton<IObjectStore>(store).AddSingleton<IBatchQueue>(queue);
        await using var first = Hooked.Start(Share);
        await using var second = Hooked.Start(Share);
        await using var receiver = new Receiver();
        var jobs = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => first.SubmitHookedAsync(receiver.Url)));

        await Task.WhenAll(jobs.Select(job => first.FinishAsync(job, "alpha", 0, 10)));
        await Eventually.BeTrueAsync(async () =>
        {
            await Task.WhenAll(first.ReconcileAsync(), second.ReconcileAsync());
            return Directory.GetFiles(folder.Combine("store", "pending")).Length == 0;
        });

        receiver.Messages.Select(message => message.Id).ShouldBe(jobs.Select(job => $"{job.Id}_job_ended"), ignoreOrder: true);
    }

    [Fact]
    public async Task A_delivery_goes_on_after_a_restart()
    {
        await using var receiver = new Receiver(500, 200);
        var job = await _api.EndHookedAsync(receiver.Url);
        await _api.UntilAttemptsAsync(job, 1);
        _api.Time.Shift += TimeSpan.FromSeconds(6);

        await _api.RestartAsync();

        await _api.UntilAsync(job, "delivered");
        receiver.Messages.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_job_without_a_webhook_costs_nothing()
    {
        var job = await _api.SubmitAsync("""{"generators": ["alpha"], "samples": 10}""");
        await _api.FinishAsync(job, "alpha", 0, 10);
        await _api.ReconcileAsync();

        Directory.Exists(Path.Combine(_api.DataDir, "store", "webhooks")).ShouldBeFalse();
        Directory.Exists(Path.Combine(_api.DataDir, "store", "jobs", job.Id, "webhook")).ShouldBeFalse();
        var problem = await _api.GetAsync($"/v1/jobs/{job.Id}/webhook", HttpStatusCode.NotFound);
        problem.GetProperty("detail").GetString().ShouldBe($"The job '{job.Id}' has no webhook; the field webhook_url of POST /v1/jobs asks for one.");
        await _api.GetAsync("/v1/jobs/20260101-000000-00000000/webhook", HttpStatusCode.NotFound);
        await _api.GetAsync("/v1/jobs/..a/webhook?all=1", HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task The_marker_of_a_dead_submission_is_removed_after_an_hour()
    {
        var key = ObjectKeys.Pending("20260101-000000-00000000");
        await _api.PutTextAsync(key, "");
        var file = Path.Combine(_api.DataDir, "store", key);

        await _api.PassAsync("20260101-000000-00000000");
        File.Exists(file).ShouldBeTrue();
        _api.Time.Shift += TimeSpan.FromMinutes(61);

        await Eventually.BeTrueAsync(async () =>
        {
            await _api.ReconcileAsync();
            return !File.Exists(file);
        });
    }
}
