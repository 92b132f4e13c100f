using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using VmDataset.Tests.Aws;

namespace VmDataset.EndToEnd.Tests.Aws;

/// <summary>The main job on SQS and S3, by each kind of worker, against what the local engine makes.</summary>
public class WholeJobTests
{
    private static readonly string[] Generators = ["chess-task-data-generator", "maze-data-generator"];

    [Fact]
    public async Task Functions_make_the_bytes_that_the_local_engine_makes()
    {
        await using var cloud = await Deployment.StartAsync(Server.BuiltIn);
        await using var fleet = await LambdaFleet.StartAsync(cloud.Aws, Server.BuiltIn, functions: 2);
        await SameAsLocalAsync(cloud, "files");

        var log = string.Concat(fleet.Processes.Select(static process => process.Log));
        log.ShouldContain("\"Namespace\":\"VmDataset\"");
        log.ShouldContain("\"Generator\":\"chess-task-data-generator\",\"Samples\":4,\"FailedSamples\":0");
    }

    [Fact]
    public async Task A_poller_makes_the_shards_that_the_local_engine_makes()
    {
        await using var cloud = await Deployment.StartAsync(Server.BuiltIn);
        await using var poller = new WorkerProcess(Server.BuiltIn, cloud.Aws.Environment());
        await SameAsLocalAsync(cloud, "webdataset");
        (await poller.StopAsync()).ShouldBe(0, poller.Log);
    }

    [Fact]
    public async Task A_message_put_on_the_queue_by_hand_is_done()
    {
        await using var cloud = await Deployment.StartAsync(Server.BuiltIn);
        await using var poller = new WorkerProcess(Server.BuiltIn, cloud.Aws.Environment());
        var emulator = await AwsEmulator.GetAsync();
        await emulator.CliAsync("sqs", "send-message", "--queue-url", cloud.Aws.Options.QueueUrl, "--message-body",
            """{"type": "chess-task-data-generator", "start_index": 3, "num_samples": 2, "seed": 42}""");

        await Eventually.BeTrueAsync(async () =>
            (await cloud.KeysAsync("jobs/adhoc-42/done/")).SequenceEqual(["jobs/adhoc-42/done/chess-task-data-generator/00000003-2.json"]), TimeSpan.FromMinutes(2));
        (await cloud.SyncAsync("adhoc-42")).Keys.Where(static path => path.EndsWith("prompt.txt", StringComparison.Ordinal)).ShouldBe(
        [
            "chess-task-data-generator/chess_task/chess_00000003/prompt.txt",
            "chess-task-data-generator/chess_task/chess_00000004/prompt.txt",
        ]);
    }

    [Fact]
    public async Task Functions_and_pollers_work_on_one_queue_together()
    {
        await using var cloud = await Deployment.StartAsync(Server.Misbehaving);
        await using var fleet = await LambdaFleet.StartAsync(cloud.Aws, Server.Misbehaving, functions: 1);
        await using var poller = new WorkerProcess(Server.Misbehaving, cloud.Aws.Environment(), lanes: 1);
        var job = await cloud.Api.SubmitAsync(new { generators = new[] { "ok-generator", "raises-generator" }, samples = 40, batch_size = 4, seed = 1000 });

        var view = await cloud.Api.EndOfAsync(job);

        view.GetProperty("state").GetString().ShouldBe("failed");
        var samples = view.GetProperty("samples");
        (samples.GetProperty("done").GetInt32(), samples.GetProperty("failed").GetInt32()).ShouldBe((72, 8));
        (await cloud.KeysAsync($"jobs/{job}/data/")).Count(static key => key.EndsWith("prompt.txt", StringComparison.Ordinal)).ShouldBe(72);
        var failure = (await cloud.Api.GetAsync($"/v1/jobs/{job}/failures?limit=1")).GetProperty("items")[0];
        failure.GetProperty("kind").GetString().ShouldBe("raised");
        failure.GetProperty("attempt").GetInt32().ShouldBe(3);
        await Eventually.BeTrueAsync(async () => (await cloud.Api.GetAsync("/v1/queue")).GetProperty("dead").GetInt32() == 8);
    }

    [Fact]
    public async Task The_API_serves_a_video_in_ranges_itself_when_links_are_off()
    {
        await using var cloud = await Deployment.StartAsync(Server.Misbehaving, links: false);
        await using var poller = new WorkerProcess(Server.Misbehaving, cloud.Aws.Environment(), lanes: 1);
        var job = await cloud.Api.SubmitAsync(new { generators = new[] { "ok-generator" }, samples = 1, seed = 9 });
        await cloud.Api.EndOfAsync(job);

        var files = (await cloud.Api.GetAsync($"/v1/jobs/{job}/samples")).At("items[0].files").EnumerateArray();
        var url = files.Single(static file => file.GetProperty("name").GetString() == "ground_truth.mp4").GetProperty("url").GetString()!;
        url.ShouldStartWith($"/v1/jobs/{job}/files/");
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.Range = new RangeHeaderValue(4, 7);
        using var part = await cloud.Api.Client.SendAsync(request);
        part.StatusCode.ShouldBe(HttpStatusCode.PartialContent);
        (await part.Content.ReadAsStringAsync()).ShouldBe("ftyp");
    }

    private static async Task SameAsLocalAsync(Deployment cloud, string format)
    {
        var body = new { generators = Generators, samples = 12, batch_size = 4, seed = 42, output_format = format };
        var job = await cloud.Api.SubmitAsync(body);
        (await cloud.Api.EndOfAsync(job)).GetProperty("state").GetString().ShouldBe("succeeded");

        await using var local = await new Server(Server.BuiltIn).StartAsync();
        var same = await local.SubmitAsync(body);
        await local.EndOfAsync(same);

        var expected = local.Data(same);
        expected.Count.ShouldBe(format == "files" ? 24 * 5 : 6);
        (await cloud.SyncAsync(job)).ShouldBe(expected);
        // A link of the API leads to the bytes that it tells of.
        var sample = (await cloud.Api.GetAsync($"/v1/jobs/{job}/samples?limit=1")).GetProperty("items")[0];
        var file = format == "files" ? sample.GetProperty("files")[0] : sample.GetProperty("shard");
        using var client = new HttpClient();
        var bytes = await client.GetByteArrayAsync(file.GetProperty("url").GetString());
        Convert.ToHexStringLower(SHA256.HashData(bytes)).ShouldBe(file.GetProperty("sha256").GetString());
    }
}
