using System.Text.Json;
using VmDataset.Tests.Aws;

namespace VmDataset.EndToEnd.Tests.Aws;

/// <summary>Whatever fails on the way, the final data is complete and exact.</summary>
public class FaultTests
{
    [Fact]
    public async Task Refused_queue_entries_and_a_throttling_store_cost_time_only()
    {
        var emulator = await AwsEmulator.GetAsync();
        await using var faulty = await FaultyAws.StartAsync(emulator.Endpoint);
        faulty.RefuseEntryEvery = 3;
        faulty.SlowDownEvery = 7;
        await using var cloud = await Deployment.StartAsync(Server.Misbehaving, faulty.Endpoint);
        var environment = cloud.Aws.Environment();
        environment["AWS_ENDPOINT_URL"] = faulty.Endpoint;
        await using var poller = new WorkerProcess(Server.Misbehaving, environment);

        var job = await cloud.Api.SubmitAsync(new { generators = new[] { "ok-generator" }, samples = 40, batch_size = 2, seed = 1 });

        (await cloud.Api.EndOfAsync(job)).GetProperty("state").GetString().ShouldBe("succeeded");
        faulty.RefusedEntries.ShouldBeGreaterThan(5);
        faulty.SlowDowns.ShouldBeGreaterThan(20);
        await cloud.ShouldBeExactAsync(job, 40);
    }

    [Fact]
    public async Task A_message_delivered_twice_at_once_is_done_once()
    {
        await using var cloud = await Deployment.StartAsync(Server.Misbehaving);
        await using var fleet = await LambdaFleet.StartAsync(cloud.Aws, Server.Misbehaving, functions: 2);
        var twice = SqsEvents.Of(("m", "handle-of-nobody", """{"type": "ok-generator", "start_index": 0, "num_samples": 25, "seed": 9}""", 1, null, null));

        await fleet.InvokeAllAsync(twice);
        await cloud.Aws.Sqs.SendMessageAsync(cloud.Aws.Options.QueueUrl, """{"type": "ok-generator", "start_index": 0, "num_samples": 25, "seed": 9}""");

        await Eventually.BeTrueAsync(async () => (await cloud.DoneAsync("adhoc-9")).SampleCount == 25, TimeSpan.FromMinutes(2));
        (await cloud.KeysAsync("jobs/adhoc-9/data/")).Count.ShouldBe(25 * 5);
    }

    [Fact]
    public async Task An_API_killed_while_it_submits_leaves_no_hole()
    {
        var emulator = await AwsEmulator.GetAsync();
        await using var faulty = await FaultyAws.StartAsync(emulator.Endpoint);
        await using var cloud = await Deployment.StartAsync(Server.Misbehaving, faulty.Endpoint);
        // 1,280 messages are 128 requests: the API dies when the queue has half of them, and its successor waits for the test's look.
        faulty.SendRequestsPassedOn = 64;

        var id = await cloud.Api.SubmitAsync(new { generators = new[] { "ok-generator" }, samples = 1_280, batch_size = 1, seed = 3 });
        await Eventually.BeTrueAsync(() => Task.FromResult(faulty.Sent.Count == 640));
        await cloud.Api.KillAsync();
        await cloud.Api.StartAsync();

        (await cloud.Api.GetAsync($"/v1/jobs/{id}")).GetProperty("state").GetString().ShouldBe("submitting");
        faulty.SendRequestsPassedOn = int.MaxValue;
        // The emulator has one processor for queue and store: while 64 requests at a time send, a LIST gets no answer in time.
        await Eventually.BeTrueAsync(() => Task.FromResult(faulty.Sent.Distinct().Count() == 1_280), TimeSpan.FromMinutes(2));
        await Eventually.GetAsync(() => cloud.Api.GetAsync($"/v1/jobs/{id}"), static view => view.GetProperty("state").GetString() == "running");
        faulty.Sent.Select(static body => JsonElement.Parse(body).GetProperty("start_index").GetInt32()).Distinct().Order().ShouldBe(Enumerable.Range(0, 1_280));
    }

    [Fact]
    public async Task A_message_received_three_times_in_vain_is_a_failure_with_a_reason()
    {
        await using var cloud = await Deployment.StartAsync(Server.Misbehaving);
        var job = await cloud.Api.SubmitAsync(new { generators = new[] { "ok-generator" }, samples = 10, batch_size = 5, seed = 3 });
        // Two messages, each taken three times by a worker that dies of it.
        for (var i = 0; i < 6; i++)
        {
            var taken = await Eventually.GetAsync(() => cloud.Aws.Sqs.ReceiveMessageAsync(new Amazon.SQS.Model.ReceiveMessageRequest(cloud.Aws.Options.QueueUrl) { MaxNumberOfMessages = 1, WaitTimeSeconds = 1, VisibilityTimeout = 1 }),
                static answer => answer.Messages is { Count: 1 });
            taken.Messages.Count.ShouldBe(1);
        }

        // SQS moves it when somebody asks for it once more.
        await Eventually.BeTrueAsync(async () =>
        {
            await cloud.Aws.Sqs.ReceiveMessageAsync(cloud.Aws.Options.QueueUrl);
            return (await cloud.Api.GetAsync("/v1/queue")).GetProperty("dead").GetInt32() == 2;
        });
        var view = await cloud.Api.EndOfAsync(job, TimeSpan.FromMinutes(1));

        view.GetProperty("state").GetString().ShouldBe("failed");
        view.At("samples.failed").GetInt32().ShouldBe(10);
        var failure = (await cloud.Api.GetAsync($"/v1/jobs/{job}/failures")).GetProperty("items")[0];
        failure.GetProperty("kind").GetString().ShouldBe("worker");
        failure.GetProperty("message").GetString()!.ShouldContain("received as often as the queue allows");
    }
}
