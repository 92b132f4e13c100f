using System.Diagnostics;
using VmDataset.Tests.Aws;

namespace VmDataset.EndToEnd.Tests.Aws;

/// <summary>Pollers that are killed, stopped, or kept from their work: the final data is complete and exact all the same.</summary>
public class PollerTests
{
    [Fact]
    public async Task A_worker_killed_in_its_middle_costs_its_lease()
    {
        await using var cloud = await Deployment.StartAsync(Server.Misbehaving);
        var job = await cloud.Api.SubmitAsync(new { generators = new[] { "ok-generator" }, samples = 160, batch_size = 80, seed = 5 });
        await using (var doomed = new WorkerProcess(Server.Misbehaving, cloud.Aws.Environment()))
        {
            await Eventually.BeTrueAsync(async () => (await cloud.KeysAsync($"jobs/{job}/data/")).Count > 10, TimeSpan.FromMinutes(1));
            await doomed.KillAsync();
        }

        await using var heir = new WorkerProcess(Server.Misbehaving, cloud.Aws.Environment());

        (await cloud.Api.EndOfAsync(job)).GetProperty("state").GetString().ShouldBe("succeeded");
        await cloud.ShouldBeExactAsync(job, 160);
    }

    [Fact]
    public async Task A_poller_told_to_stop_gives_back_what_it_has()
    {
        await using var cloud = await Deployment.StartAsync(Server.Misbehaving);
        await using var poller = new WorkerProcess(Server.Misbehaving, cloud.Aws.Environment());
        var job = await cloud.Api.SubmitAsync(new { generators = new[] { "ok-generator" }, samples = 200, batch_size = 200, seed = 5 });
        await Eventually.BeTrueAsync(async () => (await cloud.KeysAsync($"jobs/{job}/data/")).Count > 10, TimeSpan.FromMinutes(1));

        (await poller.StopAsync()).ShouldBe(0, poller.Log);

        // Nothing waits for a lease to end, and no sample that was finished is lost.
        var queue = await cloud.Api.GetAsync("/v1/queue");
        queue.GetProperty("in_flight").GetInt32().ShouldBe(0);
        queue.GetProperty("queued").GetInt32().ShouldBeGreaterThan(0);
        var done = await cloud.DoneAsync(job);
        (await cloud.KeysAsync($"jobs/{job}/data/ok-generator/")).Count.ShouldBe((int)done.SampleCount * 5);
    }

    [Theory]
    // A fifth of the bound is for ending: two seconds, as other tests may run beside.
    [InlineData(10, false, 0)]
    [InlineData(300, true, 143)]
    public async Task A_store_that_hangs_keeps_a_poller_no_longer_than_its_bound_or_a_second_signal(int bound, bool again, int code)
    {
        var emulator = await AwsEmulator.GetAsync();
        await using var faulty = await FaultyAws.StartAsync(emulator.Endpoint);
        await using var cloud = await Deployment.StartAsync(Server.Misbehaving);
        var environment = cloud.Aws.Environment();
        environment["AWS_ENDPOINT_URL"] = faulty.Endpoint;
        environment["SHUTDOWN_SECONDS"] = $"{bound}";
        await using var poller = new WorkerProcess(Server.Misbehaving, environment);
        faulty.HangsAtWrites = true;
        await cloud.Api.SubmitAsync(new { generators = new[] { "ok-generator" }, samples = 20, batch_size = 20, seed = 5 });
        await Eventually.BeTrueAsync(() => Task.FromResult(faulty.Hung > 0));

        var clock = Stopwatch.StartNew();
        await poller.AskToEndAsync();
        // One that comes within a second of the first counts as the same.
        while (again && !poller.HasEnded && clock.Elapsed < TimeSpan.FromMinutes(1)) await poller.AskToEndAsync();

        (await poller.EndAsync()).ShouldBe(code, poller.Log);
        // By default it would take 25 s.
        if (!again) clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(20));
        poller.Log.ShouldContain("left to their leases");
        (await cloud.Api.GetAsync("/v1/queue")).GetProperty("in_flight").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task Pollers_on_one_machine_do_not_meet()
    {
        using var scratch = new TemporaryFolder();
        await using var cloud = await Deployment.StartAsync(Server.Misbehaving);
        await using var first = new WorkerProcess(Server.Misbehaving, cloud.Aws.Environment(), scratch: scratch.Path);
        await using var second = new WorkerProcess(Server.Misbehaving, cloud.Aws.Environment(), scratch: scratch.Path);
        var job = await cloud.Api.SubmitAsync(new { generators = new[] { "ok-generator" }, samples = 80, batch_size = 2, seed = 5 });

        (await cloud.Api.EndOfAsync(job)).GetProperty("state").GetString().ShouldBe("succeeded");

        // Not one sample needed a second try.
        (await cloud.KeysAsync($"jobs/{job}/failed/")).ShouldBeEmpty();
        await cloud.ShouldBeExactAsync(job, 80);
        (await first.StopAsync()).ShouldBe(0, first.Log);
        (await second.StopAsync()).ShouldBe(0, second.Log);
        Directory.EnumerateFileSystemEntries(scratch.Path).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_poller_that_cannot_use_its_bucket_ends_before_it_takes_a_message()
    {
        using var aws = await AwsResources.CreateAsync();
        var environment = aws.Environment();
        environment["OUTPUT_BUCKET"] = "no-such-bucket";
        await using var poller = new WorkerProcess(Server.Misbehaving, environment);

        (await poller.EndAsync()).ShouldBe(1);

        poller.Log.ShouldContain("The bucket (OUTPUT_BUCKET) cannot be used");
    }
}
