using VmDataset.Pipeline.Concurrency;

namespace VmDataset.Pipeline.Tests.Concurrency;

public sealed class ChangeSignalTests
{
    [Fact]
    public void A_change_wakes_all_that_waited_before_it_and_none_that_wait_after()
    {
        var signal = new ChangeSignal();
        Task[] before = [signal.Next, signal.Next];
        signal.Notify();
        before.ShouldAllBe(static waiting => waiting.IsCompletedSuccessfully);
        signal.Next.IsCompleted.ShouldBeFalse();
    }
}
