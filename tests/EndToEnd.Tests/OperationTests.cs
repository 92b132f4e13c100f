using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using VmDataset.EndToEnd.Tests.Aws;

namespace VmDataset.EndToEnd.Tests;

/// <summary>What an operator does with a running job, on both engines, with real workers.</summary>
public sealed class OperationTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private Server? _local;
    private Deployment? _cloud;
    private WorkerProcess? _poller;

    private Server Api => _cloud?.Api ?? _local!;

    [Theory]
    [InlineData("Local", 10_000)]
    [InlineData("Aws", 500)]
    public async Task A_cancelled_job_answers_before_its_queue_is_met_and_once_it_has_settled_nothing_moves(string engine, int batches)
    {
        await StartAsync(engine, Server.Misbehaving);
        var job = await Api.SubmitAsync(new { generators = new[] { "ok-generator" }, samples = batches, batch_size = 1, seed = 7 });
        await Eventually.GetAsync(() => Api.GetAsync($"/v1/jobs/{job}"), static view => Done(view) > 3);

        var cancelled = await PostAsync($"/v1/jobs/{job}/cancel", HttpStatusCode.OK);

        cancelled.GetProperty("state").GetString().ShouldBe("cancelled");
        (await Api.GetAsync("/v1/queue")).GetProperty("queued").GetInt32().ShouldBeGreaterThan(0);
        var settled = await Eventually.GetAsync(() => Api.GetAsync($"/v1/jobs/{job}"), static view => view.TryGetProperty("finished_at", out _));
        Done(settled).ShouldBeLessThan(batches);
        await Eventually.BeTrueAsync(async () => (await Api.GetAsync("/v1/queue")) is var queue && Number(queue, "queued") + Number(queue, "in_flight") == 0, TimeSpan.FromMinutes(3));
        var after = await Api.GetAsync($"/v1/jobs/{job}");
        after.GetProperty("state").GetString().ShouldBe("cancelled");
        Done(after).ShouldBe(Done(settled));
        after.GetProperty("finished_at").GetDateTimeOffset().ShouldBe(settled.GetProperty("finished_at").GetDateTimeOffset());
        (await ManifestsAsync(job)).Count.ShouldBe(Done(settled));

        await Eventually.BeTrueAsync(async () =>
        {
            using var deleted = await Api.Client.DeleteAsync(new Uri($"/v1/jobs/{job}", UriKind.Relative));
            return deleted.StatusCode == HttpStatusCode.NoContent;
        });
        // A claim on its dataset may be given back a moment later.
        var left = await Eventually.GetAsync(() => KeysAsync(job), static keys => keys.Count <= 2);
        left.ShouldBe(["control/000001.json", "control/000002.json"]);
    }

    [Theory]
    [InlineData("Local")]
    [InlineData("Aws")]
    public async Task A_retry_after_the_generator_was_mended_fills_exactly_the_holes(string engine)
    {
        var generators = CopyGenerators();
        await StartAsync(engine, generators);
        var job = await Api.SubmitAsync(new { generators = new[] { "raises-generator", "ok-generator" }, samples = 20, batch_size = 8, seed = 1000 });
        var failed = await Api.EndOfAsync(job);
        (failed.GetProperty("state").GetString(), Done(failed)).ShouldBe(("failed", 36));
        await LettersAsync(job, 4);
        // Another's letter is none of this job's business.
        var other = await Api.SubmitAsync(new { generators = new[] { "raises-generator" }, samples = 1, start_index = 3, seed = 1000 });
        await Api.EndOfAsync(other);
        // On SQS a walk hides the letters that it holds from every other one; while a job runs, the reconciler walks them.
        await LettersAsync(other, 1);
        var before = await ManifestsAsync(job);

        var script = Path.Combine(generators, "raises-generator", "examples", "generate.py");
        await File.WriteAllTextAsync(script, (await File.ReadAllTextAsync(script)).Replace("if tiny_samples.misbehaves(asked.seed):", "if False:", StringComparison.Ordinal));
        await PostAsync($"/v1/jobs/{job}/retry", HttpStatusCode.Accepted);
        var mended = await Api.EndOfAsync(job);

        (mended.GetProperty("state").GetString(), Done(mended)).ShouldBe(("succeeded", 40));
        await LettersAsync(job, 0);
        (await Api.GetAsync("/v1/dead-letters")).GetProperty("items").GetArrayLength().ShouldBe(1);
        var after = await ManifestsAsync(job);
        foreach (var (key, finishedAt) in before) after[key].ShouldBe(finishedAt);
        after.Keys.Except(before.Keys).Order().ShouldBe(
            new[] { 3, 8, 13, 18 }.Select(static index => $"raises-generator/{index:D8}-1.json"));
    }

    [Theory]
    [InlineData("Local")]
    [InlineData("Aws")]
    public async Task A_paused_job_stands_still_and_is_whole_after_its_resumption(string engine)
    {
        await StartAsync(engine, Server.Misbehaving);
        // A fast machine draws 150 here within the time of a request.
        var samples = engine == "Local" ? 600 : 150;
        var job = await Api.SubmitAsync(new { generators = new[] { "ok-generator" }, samples, batch_size = 50, seed = 7 });
        await Eventually.GetAsync(() => Api.GetAsync($"/v1/queue"), static queue => !queue.TryGetProperty("in_flight", out var count) || count.GetInt32() > 0);
        (await PostAsync($"/v1/jobs/{job}/pause", HttpStatusCode.OK)).GetProperty("state").GetString().ShouldBe("paused");
        await Eventually.BeTrueAsync(async () => (await Api.GetAsync("/v1/queue")) is var queue && Number(queue, "queued") + Number(queue, "in_flight") == 0);
        Done(await Api.GetAsync($"/v1/jobs/{job}")).ShouldBeLessThan(samples);

        await PostAsync($"/v1/jobs/{job}/resume", HttpStatusCode.OK);

        var view = await Api.EndOfAsync(job);
        (view.GetProperty("state").GetString(), Done(view)).ShouldBe(("succeeded", samples));
    }

    [Fact]
    public async Task A_broken_generator_stops_itself_and_the_other_goes_on()
    {
        await StartAsync("Local", Server.Misbehaving);
        var job = await Api.SubmitAsync(new
        {
            generators = new[] { "raises-generator", "ok-generator" },
            samples = 600,
            batch_size = 5,
            seed = 1000,
            max_failed_samples = 2,
            failure_budget_per = "generator",
        });
        var view = await Api.EndOfAsync(job);
        view.GetProperty("state").GetString().ShouldBe("failed");
        view.GetProperty("reason").GetString()!.ShouldStartWith("The failure budget is spent:");
        var done = view.GetProperty("generators").EnumerateArray().Select(Done).ToList();
        // Four of five of its samples would be good.
        done[0].ShouldBeLessThan(480);
        done[1].ShouldBe(600);
    }

    public async ValueTask DisposeAsync()
    {
        if (_poller is not null) await _poller.DisposeAsync();
        if (_cloud is not null) await _cloud.DisposeAsync();
        if (_local is not null) await _local.DisposeAsync();
        _folder.Dispose();
    }

    private async Task StartAsync(string engine, string generators)
    {
        if (engine == "Local")
        {
            _local = await new Server(generators).StartAsync();
            return;
        }

        _cloud = await Deployment.StartAsync(generators);
        _poller = new WorkerProcess(generators, _cloud.Aws.Environment());
    }

    private Task LettersAsync(string job, int count) => Eventually.BeTrueAsync(async () =>
        (await Api.GetAsync($"/v1/dead-letters?job_id={job}")).GetProperty("items").GetArrayLength() == count);

    private string CopyGenerators()
    {
        foreach (var name in new[] { "_shared", "raises-generator", "ok-generator" })
        {
            foreach (var file in Directory.EnumerateFiles(Path.Combine(Server.Misbehaving, name), "*.py", SearchOption.AllDirectories))
            {
                var copy = _folder.Combine("generators", Path.GetRelativePath(Server.Misbehaving, file));
                Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
                File.Copy(file, copy);
            }
        }

        return _folder.Combine("generators");
    }

    private async Task<JsonElement> PostAsync(string path, HttpStatusCode expected)
    {
        using var answer = await Api.Client.PostAsync(new Uri(path, UriKind.Relative), null);
        answer.StatusCode.ShouldBe(expected, await answer.Content.ReadAsStringAsync());
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    /// <summary>When each finished range was finished, by its key.</summary>
    private async Task<Dictionary<string, DateTimeOffset>> ManifestsAsync(string job)
    {
        var prefix = $"jobs/{job}/done/";
        Dictionary<string, DateTimeOffset> manifests = [];
        if (_cloud is { } cloud)
        {
            foreach (var key in await cloud.KeysAsync(prefix))
            {
                using var found = await cloud.Aws.S3.GetObjectAsync(cloud.Aws.Options.Bucket, key);
                manifests.Add(key[prefix.Length..], FinishedAt(await JsonElementAsync(found.ResponseStream)));
            }

            return manifests;
        }

        var root = Path.Combine(_local!.DataDir, "store", prefix);
        foreach (var path in Directory.EnumerateFiles(root, "*.json", SearchOption.AllDirectories))
        {
            await using var file = File.OpenRead(path);
            manifests.Add(Path.GetRelativePath(root, path), FinishedAt(await JsonElementAsync(file)));
        }

        return manifests;
    }

    private async Task<List<string>> KeysAsync(string job)
    {
        var prefix = $"jobs/{job}/";
        if (_cloud is not null) return [.. (await _cloud.KeysAsync(prefix)).Select(key => key[prefix.Length..])];
        var root = Path.Combine(_local!.DataDir, "store", prefix);
        return [.. Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(root, path)).Order(StringComparer.Ordinal)];
    }

    private static async Task<JsonElement> JsonElementAsync(Stream stream) => (await JsonDocument.ParseAsync(stream)).RootElement;

    private static DateTimeOffset FinishedAt(JsonElement manifest) => manifest.GetProperty("finished_at").GetDateTimeOffset();

    private static int Done(JsonElement view) => view.At("samples.done").GetInt32();

    private static int Number(JsonElement view, string name) => view.GetProperty(name).GetInt32();
}
