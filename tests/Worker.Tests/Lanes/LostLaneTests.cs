using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;
using VmDataset.Worker.Batches;
using VmDataset.Worker.Options;

namespace VmDataset.Worker.Tests.Lanes;

/// <summary>Generators that end what draws them, for every seed with <c>seed % 5 == 3</c>.</summary>
public class LostLaneTests
{
    [Theory]
    [InlineData("kills-supervisor-generator")]
    [InlineData("kills-zygote-generator")]
    public async Task A_sample_that_ends_its_lane_fails_alone(string generator)
    {
        // The sandbox would refuse the signals.
        await using var worker = new WorkerHarness(sandbox: SandboxMode.Off);

        (await worker.ProcessAsync(WorkerHarness.Message(generator, 0, 20) with { Attempt = 3 })).ShouldBe(BatchOutcome.Acknowledge);

        var failing = RangeSet.Of([.. new[] { 3, 8, 13, 18 }.Select(static index => new SampleRange(index, 1))]);
        (await worker.DoneAsync("job", generator)).ShouldBe(RangeSet.Of(new SampleRange(0, 20)).Subtract(failing));
        (await worker.KeysAsync("jobs/job/dead/")).Count.ShouldBe(4);
        var record = await worker.Store.GetJsonAsync<FailureRecord>(ObjectKeys.Failed("job", generator, new SampleRange(8, 1)));
        (record!.Kind, record.Message).ShouldBe((FailureKind.Killed, "The sample's process ended its supervisor twice."));
    }

    [Fact]
    public async Task A_message_comes_again_when_Python_is_missing()
    {
        await using var worker = new WorkerHarness(python: "/nowhere/python3");
        (await worker.ProcessAsync(WorkerHarness.Message("ok-generator", 0, 2))).RetryAfter.ShouldNotBeNull();
        (await worker.KeysAsync("jobs/job/")).ShouldBeEmpty();
    }
}
