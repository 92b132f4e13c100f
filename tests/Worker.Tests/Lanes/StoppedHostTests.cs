using VmDataset.Pipeline.Generators;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Records;
using VmDataset.Worker.Batches;
using VmDataset.Worker.Lanes;

namespace VmDataset.Worker.Tests.Lanes;

/// <summary>Processes of the generator host that were stopped (SIGSTOP): they answer nothing and do not see that a connection has ended.</summary>
public class StoppedHostTests
{
    [Fact]
    public async Task A_stopped_zygote_is_killed_and_replaced()
    {
        await using var worker = new WorkerHarness(lanes: 1, hostStartTimeout: TimeSpan.FromSeconds(20));
        var generator = worker.Get<GeneratorCatalog>().Find("ok-generator")!;
        await worker.Get<IGeneratorRuntime>().GetStatusAsync();
        var zygote = HostProcesses.Of(worker.Folder).ShouldHaveSingleItem();
        HostProcesses.Stop(zygote);

        await Should.ThrowAsync<LaneLostException>(() => worker.Get<LanePool>().RentAsync(generator));

        await Eventually.BeTrueAsync(() => Task.FromResult(!HostProcesses.IsAlive(zygote)));
        await using var loan = await worker.Get<LanePool>().RentAsync(generator);
        loan.Lane.IsLost.ShouldBeFalse();
    }

    [Fact]
    public async Task A_lane_that_was_stopped_is_killed_and_its_sample_drawn_again()
    {
        await using var worker = new WorkerHarness(lanes: 1, sampleTimeout: TimeSpan.FromSeconds(1));
        var lane = await StoppedLaneAsync(worker);

        await worker.ProcessAsync(WorkerHarness.Message("ok-generator", 2, 2)).WaitAsync(TimeSpan.FromSeconds(90));

        (await worker.DoneAsync("job", "ok-generator")).SampleCount.ShouldBe(4);
        await Eventually.BeTrueAsync(() => Task.FromResult(!HostProcesses.IsAlive(lane)));
    }

    [Fact]
    public async Task An_idle_lane_that_was_stopped_is_killed_when_it_is_retired()
    {
        await using var worker = new WorkerHarness(lanes: 1, laneIdleTimeout: TimeSpan.FromSeconds(8));
        var lane = await StoppedLaneAsync(worker);
        await Eventually.BeTrueAsync(() => Task.FromResult(!HostProcesses.IsAlive(lane)), TimeSpan.FromSeconds(120));
        // The zygote lives on.
        HostProcesses.Of(worker.Folder).Count.ShouldBeGreaterThanOrEqualTo(1);
    }

    [Fact]
    public async Task A_halt_does_not_wait_for_a_stopped_lane()
    {
        await using var worker = new WorkerHarness(lanes: 1, sampleTimeout: TimeSpan.FromMinutes(10));
        var lane = await StoppedLaneAsync(worker);
        var log = new JobEventLog(worker.Store, TimeProvider.System);
        var working = worker.ProcessAsync(WorkerHarness.Message("ok-generator", 2, 2));

        await log.AppendAsync("job", _ => log.Event(JobEventType.Cancelled));

        // Its own time-out is ten minutes.
        (await working.WaitAsync(TimeSpan.FromSeconds(60))).ShouldBe(BatchOutcome.Acknowledge);
        await Eventually.BeTrueAsync(() => Task.FromResult(!HostProcesses.IsAlive(lane)));
    }

    [Fact]
    public async Task Stopped_processes_do_not_outlive_the_worker()
    {
        List<int> all;
        await using (var worker = new WorkerHarness())
        {
            await worker.ProcessAsync(WorkerHarness.Message("ok-generator", 0, 2));
            all = HostProcesses.Of(worker.Folder);
            all.Count.ShouldBeGreaterThanOrEqualTo(2);
            foreach (var process in all) HostProcesses.Stop(process);
        }

        await Eventually.BeTrueAsync(() => Task.FromResult(!all.Exists(HostProcesses.IsAlive)));
    }

    /// <summary>A lane that has drawn two samples, and is stopped.</summary>
    private static async Task<int> StoppedLaneAsync(WorkerHarness worker)
    {
        await worker.ProcessAsync(WorkerHarness.Message("ok-generator", 0, 2));
        var all = HostProcesses.Of(worker.Folder);
        // The zygote is a child of this process, the supervisor one of the zygote.
        var zygote = all.Single(process => HostProcesses.ParentOf(process) == Environment.ProcessId);
        var lane = all.Single(process => HostProcesses.ParentOf(process) == zygote);
        HostProcesses.Stop(lane);
        return lane;
    }
}
