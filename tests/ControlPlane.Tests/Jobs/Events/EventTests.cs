using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using VmDataset.ControlPlane.Hosting;
using VmDataset.ControlPlane.Jobs.Events;
using VmDataset.ControlPlane.Settings;
using VmDataset.ControlPlane.Tests.Operations;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Local;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;

namespace VmDataset.ControlPlane.Tests.Jobs.Events;

public sealed class EventTests : IAsyncDisposable
{
    private static readonly WatchLimits Fast = new() { Interval = TimeSpan.FromMilliseconds(20), Retry = TimeSpan.FromSeconds(2) };
    private static readonly WatchLimits Once = Fast with { Interval = TimeSpan.FromHours(1) };

    private readonly List<Api> _apis = [];

    public async ValueTask DisposeAsync()
    {
        foreach (var api in _apis) await api.DisposeAsync();
    }

    [Fact]
    public async Task Events_tell_what_is_there_then_what_happens_then_the_end()
    {
        var api = Start(Fast);
        var job = await SubmitAsync(api);
        await api.FailAsync(job, "alpha", 3, 1);
        using var client = api.Client();
        await using var events = await EventListener.OpenAsync(client, job.Id);
        events.Answer.Content.Headers.ContentType!.ToString().ShouldBe("text/event-stream");
        events.Answer.Headers.CacheControl!.ToString().ShouldBe("no-store");
        events.Answer.Headers.GetValues("X-Accel-Buffering").ShouldBe(["no"]);

        var (type, progress) = (await events.NextAsync())!.Value;
        type.ShouldBe("progress");
        progress.GetProperty("state").GetString().ShouldBe("running");
        progress.GetProperty("samples").GetRawText().ShouldBe("""{"total":20,"done":0,"failed":0}""");
        progress.TryGetProperty("generators", out _).ShouldBeFalse();
        var failure = (await events.UntilAsync(static (type, _) => type == "failure"))[^1].Data;
        failure.GetProperty("generator").GetString().ShouldBe("alpha");
        failure.GetProperty("start_index").GetInt32().ShouldBe(3);
        failure.GetProperty("worker").GetString().ShouldBe("worker-2:5");
        failure.GetProperty("recovered").GetBoolean().ShouldBeFalse();

        await api.FinishAsync(job, "alpha", 0, 10);
        await events.UntilAsync(static (type, data) => type == "progress" && data.At("samples.done").GetInt32() == 10);
        await ControlAsync(client, job, "pause");
        (await events.UntilAsync(static (type, _) => type == "control"))[^1].Data.GetProperty("event").GetString().ShouldBe("paused");
        await ControlAsync(client, job, "resume");
        (await events.UntilAsync(static (type, _) => type == "control"))[^1].Data.GetProperty("event").GetString().ShouldBe("resumed");

        await api.FinishAsync(job, "alpha", 10, 10);
        var rest = await events.RestAsync();
        rest[^1].Type.ShouldBe("end");
        rest[^1].Data.GetProperty("state").GetString().ShouldBe("succeeded");
        rest[^1].Data.GetProperty("history").GetArrayLength().ShouldBe(2);
        rest[^1].Data.GetProperty("generators").GetArrayLength().ShouldBe(1);
        rest.Count(static each => each.Type is "end").ShouldBe(1);
    }

    [Fact]
    public async Task Events_of_an_ended_job_report_everything_and_end_and_a_reconnection_gets_no_content()
    {
        var api = Start(Fast);
        var job = await SubmitAsync(api);
        await api.FinishAsync(job, "alpha", 0, 19);
        await api.FailAsync(job, "alpha", 19, 1, attempt: 3);
        await api.DeadLetterAsync(job, "alpha", 19, 1);
        using var client = api.Client();
        await using var events = await EventListener.OpenAsync(client, job.Id);

        var all = await events.RestAsync();

        all.Select(static each => each.Type).ShouldBe(["progress", "failure", "end"]);
        all[1].Data.GetProperty("permanent").GetBoolean().ShouldBeTrue();
        (await StatusAsync(client, job, events.LastId)).ShouldBe(HttpStatusCode.NoContent);
        // What was done to it since is news again.
        await ControlAsync(client, job, "retry", HttpStatusCode.Accepted);
        await using var again = await EventListener.OpenAsync(client, job.Id, events.LastId);
        (await again.UntilAsync(static (type, _) => type == "control"))[^1].Data.GetProperty("event").GetString().ShouldBe("retried");
    }

    [Fact]
    public async Task Events_go_on_at_another_instance_where_they_were_cut_off()
    {
        var api = Start(Fast);
        var job = await SubmitAsync(api, samples: 100);
        // More than are told at once, all of one second, as S3 dates them.
        for (var i = 0; i < 40; i++) await FailAsync(api, job, i, secondsAgo: 30);
        await ControlAsync(api, job, JobEventType.Paused);
        using var client = api.Client();
        List<(string Type, JsonElement Data)> before;
        string id;
        await using (var events = await EventListener.OpenAsync(client, job.Id))
        {
            before = await events.UntilAsync((type, _) => type == "failure" && !events.LastId.StartsWith("1-0-", StringComparison.Ordinal));
            id = events.LastId;
        }

        Failures(before).ShouldBe(Enumerable.Range(0, 32));
        await FailAsync(api, job, 50, secondsAgo: 20);
        await using var other = Second(api);
        using var otherClient = other.Client();
        await using var rest = await EventListener.OpenAsync(otherClient, job.Id, id);
        var after = await rest.UntilAsync(static (type, data) => type == "failure" && data.GetProperty("start_index").GetInt32() == 50);

        Failures(after).ShouldBe([.. Enumerable.Range(32, 8), 50]);
        after.ShouldAllBe(static each => each.Type != "control");
        // One that was dated before the last and seen after it comes with its neighbours.
        await FailAsync(api, job, 60, secondsAgo: 21);
        await using var third = await EventListener.OpenAsync(client, job.Id, rest.LastId);
        Failures(await third.UntilAsync(static (type, data) => type == "failure" && data.GetProperty("start_index").GetInt32() == 50)).ShouldContain(60);
    }

    [Fact]
    public async Task Events_show_a_failure_again_that_a_later_try_replaced()
    {
        var api = Start(Fast);
        var job = await SubmitAsync(api);
        await FailAsync(api, job, 3, secondsAgo: 30);
        using var client = api.Client();
        await using var events = await EventListener.OpenAsync(client, job.Id);
        await events.UntilAsync(static (type, _) => type == "failure");

        await api.FailAsync(job, "alpha", 3, 1, attempt: 2);

        (await events.UntilAsync(static (type, _) => type == "failure"))[^1].Data.GetProperty("attempt").GetInt32().ShouldBe(2);
    }

    [Fact]
    public async Task Events_that_are_cut_short_after_some_bytes_give_all_in_the_end()
    {
        var api = Start(WatchLimits.For(new BackendOptions { OnLambda = true }) with { MaxBytes = 1 });
        var job = await SubmitAsync(api, samples: 100);
        for (var i = 0; i < 70; i++) await FailAsync(api, job, i, secondsAgo: 30);
        await ControlAsync(api, job, JobEventType.Cancelled);
        api.Time.Shift += HaltTiming.Local.SettleTime;
        using var client = api.Client();
        List<(string Type, JsonElement Data)> all = [];
        string? id = null;
        var streams = 0;
        do
        {
            await using var events = await EventListener.OpenAsync(client, job.Id, id);
            all.AddRange(await events.RestAsync());
            id = events.LastId;
            streams++;
        }
        while (all[^1].Type != "end" && streams < 20);

        all[^1].Type.ShouldBe("end");
        streams.ShouldBeGreaterThan(2);
        Failures(all).ShouldBe(Enumerable.Range(0, 70));
        all.Count(static each => each.Type == "control").ShouldBe(1);
    }

    [Fact]
    public async Task Events_on_Lambda_tell_what_there_is_and_close()
    {
        var api = Start(WatchLimits.For(new BackendOptions { OnLambda = true }));
        var job = await SubmitAsync(api);
        using var client = api.Client();

        using var answer = await EventListener.SendAsync(client, job.Id);
        var text = await answer.Content.ReadAsStringAsync();

        text.ShouldStartWith("retry: 5000\n\nid: 0-0-0-0000000000000000\nevent: progress\ndata: {");
        text.ShouldEndWith("}\n\n");
        await Eventually.BeTrueAsync(() => Task.FromResult(Watched(api) == 0));
    }

    [Fact]
    public async Task Events_report_the_deletion_of_their_job()
    {
        var api = Start(Fast);
        var job = await SubmitAsync(api);
        using var client = api.Client();
        await using var events = await EventListener.OpenAsync(client, job.Id);
        await events.NextAsync();

        await ControlAsync(api, job, JobEventType.Deleted);

        var rest = await events.RestAsync();
        rest[^1].Type.ShouldBe("deleted");
        rest[^1].Data.GetProperty("event").GetString().ShouldBe("deleted");
        (await StatusAsync(client, job, events.LastId)).ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Events_of_a_cancelled_job_end_after_its_last_sample()
    {
        var api = Start(Fast);
        var job = await SubmitAsync(api);
        using var client = api.Client();
        await using var events = await EventListener.OpenAsync(client, job.Id);
        await ControlAsync(client, job, "cancel");
        (await events.UntilAsync(static (type, _) => type == "control"))[^1].Data.GetProperty("event").GetString().ShouldBe("cancelled");

        // A worker stores what it had drawn.
        await api.FinishAsync(job, "alpha", 0, 10);

        var before = await events.UntilAsync(static (type, data) => type == "progress" && data.At("samples.done").GetInt32() == 10);
        before.ShouldAllBe(static each => each.Type != "end");
        before[^1].Data.GetProperty("state").GetString().ShouldBe("cancelled");
        before[^1].Data.TryGetProperty("finished_at", out _).ShouldBeFalse();
        api.Time.Shift += HaltTiming.Local.SettleTime;
        var rest = await events.RestAsync();
        rest[^1].Type.ShouldBe("end");
        rest[^1].Data.At("samples.done").GetInt32().ShouldBe(10);
        rest[^1].Data.TryGetProperty("finished_at", out _).ShouldBeTrue();
    }

    [Fact]
    public async Task Many_watchers_share_one_reader()
    {
        var api = Start(Once);
        var job = await SubmitAsync(api);
        using var client = api.Client();
        var all = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => EventListener.OpenAsync(client, job.Id)));

        foreach (var events in all) (await events.NextAsync())!.Value.Type.ShouldBe("progress");

        Watched(api).ShouldBe(1);
        ((WatchedStore)api.Store).ListsOf(ObjectKeys.FailedPrefix(job.Id)).ShouldBe(1);
        foreach (var events in all.Skip(1)) await events.DisposeAsync();
        Watched(api).ShouldBe(1);
        await all[0].DisposeAsync();
        await Eventually.BeTrueAsync(() => Task.FromResult(Watched(api) == 0));
    }

    [Fact]
    public async Task A_client_that_does_not_read_keeps_no_other_waiting()
    {
        var api = Start(Fast);
        var job = await SubmitAsync(api, samples: 500);
        for (var i = 0; i < 200; i++) await api.FailAsync(job, "alpha", i, 1);
        using var client = api.Client();
        await using var idle = await EventListener.OpenAsync(client, job.Id);
        await using var events = await EventListener.OpenAsync(client, job.Id);
        await api.FinishAsync(job, "alpha", 0, 500);

        (await events.RestAsync())[^1].Type.ShouldBe("end");
    }

    [Fact]
    public async Task Events_end_when_the_process_does()
    {
        var api = Start(Once);
        var job = await SubmitAsync(api);
        using var client = api.Client();
        await using var events = await EventListener.OpenAsync(client, job.Id);
        await events.NextAsync();

        api.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

        (await events.NextAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task Events_outlast_a_store_that_is_out_of_reach()
    {
        var api = Start(Fast);
        var job = await SubmitAsync(api);
        using var client = api.Client();
        await using var events = await EventListener.OpenAsync(client, job.Id);
        await events.NextAsync();
        var store = (WatchedStore)api.Store;

        store.Broken = true;
        await Eventually.BeTrueAsync(() => Task.FromResult(store.Failures > 1));
        store.Broken = false;
        await api.FinishAsync(job, "alpha", 0, 20);

        (await events.RestAsync())[^1].Type.ShouldBe("end");
    }

    [Fact]
    public async Task Events_are_refused_beyond_the_number_of_connections_there_is_room_for()
    {
        var api = Start(Fast with { MaxStreams = 1 });
        var job = await SubmitAsync(api);
        using var client = api.Client();
        var events = await EventListener.OpenAsync(client, job.Id);

        using (var refused = await EventListener.SendAsync(client, job.Id))
        {
            refused.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            refused.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(10));
            (await refused.Content.ReadAsStringAsync()).ShouldContain("1 streams are open here");
        }

        await events.DisposeAsync();
        await Eventually.BeTrueAsync(async () => await StatusAsync(client, job, null) == HttpStatusCode.OK);
    }

    [Fact]
    public async Task Heartbeats_keep_a_silent_connection_alive()
    {
        var api = Start(Once with { Heartbeat = TimeSpan.FromMilliseconds(10) });
        var job = await SubmitAsync(api);
        using var client = api.Client();
        using var answer = await EventListener.SendAsync(client, job.Id);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
        List<string> lines = [];
        while (lines.Count < 30) lines.Add((await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60)))!);

        lines.Count(static line => line == ":").ShouldBeGreaterThan(5);
        lines.Count(static line => line.StartsWith("data:", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Theory]
    [InlineData("7")]
    [InlineData("0-0-0-000000000000000")]
    [InlineData("0-0-0-0000000000000000-END")]
    [InlineData("1-0-0-0000000000000000")]
    public async Task An_id_that_the_events_did_not_give_is_refused(string id)
    {
        var api = Start(Fast);
        var job = await SubmitAsync(api);
        using var client = api.Client();

        using var answer = await EventListener.SendAsync(client, job.Id, id);

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        JsonElement.Parse(await answer.Content.ReadAsStringAsync()).ErrorOf("Last-Event-ID")
            .ShouldBe($"Last-Event-ID is '{id}'; allowed: the id of an event of this job's stream, or none.");
    }

    [Fact]
    public async Task Events_of_an_unknown_job_are_not_found()
    {
        var api = Start(Fast);
        using var client = api.Client();

        using var answer = await EventListener.SendAsync(client, "none");

        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        (await api.GetAsync("/v1/jobs/none/events?since=1", HttpStatusCode.BadRequest)).GetProperty("errors").TryGetProperty("since", out _).ShouldBeTrue();
    }

    [Fact]
    public async Task Events_say_that_a_job_runs_again_though_somebody_is_still_told_of_its_end()
    {
        var api = Start(Fast);
        var job = await SubmitAsync(api);
        await ControlAsync(api, job, JobEventType.Cancelled);
        api.Time.Shift += HaltTiming.Local.SettleTime;
        var watches = api.Services.GetRequiredService<JobWatcherRegistry>();
        using var slow = watches.Join(job, "somebody")!;
        (await slow.Watch.NextAsync(null, CancellationToken.None)).IsLast.ShouldBeTrue();
        using var client = api.Client();
        await ControlAsync(client, job, "retry", HttpStatusCode.Accepted);

        await using var events = await EventListener.OpenAsync(client, job.Id);

        (await events.NextAsync())!.Value.Data.GetProperty("state").GetString().ShouldBe("running");
    }

    private Api Start(WatchLimits limits)
    {
        var api = Api.Empty(services => services.AddSingleton(limits).AddSingleton<IObjectStore>(static provider =>
            new WatchedStore(new FileSystemObjectStore(provider.GetRequiredService<DataFolder>().Store))));
        api.AddGenerator("alpha");
        _apis.Add(api);
        return api;
    }

    /// <summary>Another process on the same store and queue.</summary>
    private static EngineApi Second(Api first) => new(new Dictionary<string, string> { ["EmbeddedWorker"] = "false" },
        services => services.AddSingleton(Fast).AddSingleton(first.Store).AddSingleton(first.Queue));

    private static Task<Job> SubmitAsync(Api api, int samples = 20) =>
        api.SubmitAsync($$"""{"generators": ["alpha"], "samples": {{samples}}, "batch_size": 10, "seed": 1}""");

    private static async Task FailAsync(Api api, Job job, int index, int secondsAgo)
    {
        await api.FailAsync(job, "alpha", index, 1);
        var second = DateTimeOffset.FromUnixTimeSeconds(job.CreatedAt.ToUnixTimeSeconds() - secondsAgo);
        File.SetLastWriteTimeUtc(Path.Combine(api.DataDir, "store", ObjectKeys.Failed(job.Id, "alpha", new SampleRange(index, 1))), second.UtcDateTime);
    }

    private static async Task ControlAsync(HttpClient client, Job job, string verb, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var answer = await client.PostAsync(new Uri($"/v1/jobs/{job.Id}/{verb}", UriKind.Relative), content: null);
        answer.StatusCode.ShouldBe(expected, await answer.Content.ReadAsStringAsync());
    }

    private static async Task ControlAsync(Api api, Job job, JobEventType verb)
    {
        var log = api.Services.GetRequiredService<JobEventLog>();
        await log.AppendAsync(job.Id, _ => log.Event(verb));
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, Job job, string? lastId)
    {
        using var answer = await EventListener.SendAsync(client, job.Id, lastId);
        return answer.StatusCode;
    }

    private static int Watched(Api api) => api.Services.GetRequiredService<JobWatcherRegistry>().Count;

    private static IEnumerable<int> Failures(IEnumerable<(string Type, JsonElement Data)> events) =>
        events.Where(static each => each.Type == "failure").Select(static each => each.Data.GetProperty("start_index").GetInt32());
}
