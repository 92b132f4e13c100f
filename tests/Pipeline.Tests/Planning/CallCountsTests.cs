using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Planning;

namespace VmDataset.Pipeline.Tests.Planning;

/// <summary>The counts of AWS-like runs against a counting proxy: 2,000,000 samples in batches of 1,000.</summary>
public class CallCountsTests
{
    private static readonly PlannedJob Job = new()
    {
        Generators = [new("a", GeneratorCalibration.Default with { FilesPerSample = 5 })],
        Samples = 2_000_000,
        BatchSize = 1_000,
        OutputFormat = OutputFormat.Files,
    };

    private static readonly SimulationResult Run = new()
    {
        Seconds = 600,
        FunctionSeconds = 400_000,
        Finished = 2_000_000,
        Dead = 0,
        Messages = 2_000,
        Invocations = 2_000,
        ColdStarts = 1_000,
        PeakConcurrency = 1_000,
        Throttles = 0,
        HandOvers = 0,
        Redeliveries = 0,
        PutWaitSeconds = 0,
    };

    [Fact]
    public void Every_file_is_a_PUT_and_every_batch_one_manifest()
    {
        var calls = CallCounts.Of(Job, new Fleet(), Run, statusRequests: 0);

        calls.DataPuts.ShouldBe(10_000_000);
        calls.RecordPuts.ShouldBeInRange(2_000, 2_020);
    }

    [Fact]
    public void A_shard_is_one_PUT_below_64_MiB_and_its_parts_and_two_beyond()
    {
        var shards = Job with { OutputFormat = OutputFormat.WebDataset, BatchSize = 200 };

        CallCounts.Of(shards, new Fleet(), Run with { Messages = 10_000, Invocations = 10_000 }, 0).DataPuts.ShouldBe(10_000);
        CallCounts.PutsOfShard(64 << 20).ShouldBe(10);
    }

    [Fact]
    public void A_message_is_sent_with_nine_others_received_deleted_and_renewed()
    {
        var calls = CallCounts.Of(Job, new Fleet(), Run, statusRequests: 0);

        calls.SqsRequests.ShouldBe((2_000 * 3.1) + (400_000 / 20));
    }

    [Fact]
    public void The_watch_for_halted_jobs_costs_a_LIST_each_interval_of_every_function()
    {
        CallCounts.Of(Job, new Fleet { HaltCheckSeconds = 1 }, Run, 0).WatchLists.ShouldBe(400_000);
        CallCounts.Of(Job, new Fleet { HaltCheckSeconds = 20 }, Run, 0).WatchLists.ShouldBe(20_000);
    }

    [Fact]
    public void A_status_of_a_large_job_is_more_than_four_LISTs()
    {
        var large = Job with { BatchSize = 10 };

        var (none, some) = (CallCounts.Of(large, new Fleet(), Run, 0), CallCounts.Of(large, new Fleet(), Run, 100));

        // 200,000 manifests, half of them there on average: 100 pages in the place of one.
        (some.Lists - none.Lists).ShouldBe(100 * 103);
    }
}
