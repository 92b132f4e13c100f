using VmDataset.Pipeline.DeadLetters;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Queue;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Records;
using VmDataset.Worker.Batches;

namespace VmDataset.Worker.Tests.Batches;

public class RedriveTests
{
    [Fact]
    public async Task A_crash_before_the_letter_is_removed_loses_nothing_and_doubles_nothing()
    {
        await using var worker = new WorkerHarness();
        await worker.ProcessAsync(WorkerHarness.Message("ok-generator", 0, 6, "whole"));
        await worker.ProcessAsync(WorkerHarness.Message("ok-generator", 0, 2));
        // A worker found the generator unusable for the rest of the job.
        var rest = WorkerHarness.Message("ok-generator", 2, 4) with { Attempt = 3 };
        await worker.Get<FailureHandler>().GiveUpAsync(rest, RangeSet.Of(rest.Range), FailureKind.UnusableGenerator, "A module is missing.");
        var redrive = new Redrive(worker.Queue, worker.Store, worker.Get<JobEventLog>());

        await Should.ThrowAsync<IOException>(() => worker.Queue.DeadLetters.WalkAsync(async deadLetter =>
        {
            await redrive.RunAsync(deadLetter, redrive.NewIndex());
            throw new IOException("killed");
        }));
        await worker.DrainAsync();
        (await worker.Queue.DeadLetters.PeekAsync(10)).ShouldHaveSingleItem();
        await worker.Queue.DeadLetters.WalkAsync(async deadLetter =>
        {
            await redrive.RunAsync(deadLetter, redrive.NewIndex());
            return true;
        });
        await worker.DrainAsync();

        (await worker.Queue.GetDepthAsync()).ShouldBe(new QueueDepth(0, 0, 0));
        (await worker.DataAsync("job")).ShouldBe(await worker.DataAsync("whole"));
        (await worker.KeysAsync(ObjectKeys.DonePrefix("job"))).Count.ShouldBe(2);
        (await worker.KeysAsync(ObjectKeys.DeadPrefix("job"))).ShouldBeEmpty();
    }
}
