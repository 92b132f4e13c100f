using VmDataset.Pipeline.Jobs;

namespace VmDataset.Pipeline.Planning;

/// <summary>Looks for what would go wrong, be slow or be dear, and names the way out.</summary>
internal static class PlanWarnings
{
    private const double ManyPuts = 1_000_000;
    private const double PartitionPuts = 3_500;
    private const double HandOverMargin = 20;
    private const double LongMessage = 300;
    private const double ShortMessage = 5;
    private const int WorkerMb = 300;
    private const int GoodReceives = 5;

    public static IReadOnlyList<PlanWarning> Of(PlannedJob job, Fleet fleet, SimulationResult run) =>
    [
        .. Format(job, fleet, run), .. Samples(job, fleet), .. Batches(job, fleet, run), .. Functions(fleet, run), .. Basis(job),
    ];

    private static IEnumerable<PlanWarning> Format(PlannedJob job, Fleet fleet, SimulationResult run)
    {
        if (job.OutputFormat == OutputFormat.Files && job.Files > ManyPuts)
        {
            yield return Warning("files_puts",
                $"The files format stores {job.Files:N0} objects, each a PUT. Way out: \"output_format\": \"webdataset\", one PUT a batch.");
        }

        if (job.OutputFormat == OutputFormat.Files && run.PutWaitSeconds > 0.1 * run.FunctionSeconds)
        {
            yield return Warning("files_partition",
                $"S3 takes {PartitionPuts:N0} PUTs a second for one job's keys, and functions that wait for it are paid for. Way out: \"output_format\": \"webdataset\", or fewer functions at once.");
        }

        if (job.OutputFormat == OutputFormat.WebDataset && job.BatchSize * job.Bytes / job.TotalSamples is var shard
            && shard > fleet.EphemeralStorageMb * 0.8 * 1_048_576)
        {
            yield return Warning("shard_over_tmp",
                $"A shard of a whole batch is {shard / 1e6:N0} MB, and the function has {fleet.EphemeralStorageMb:N0} MB of /tmp: shards end early. Way out: a smaller batch_size, or more ephemeral storage.");
        }
    }

    private static IEnumerable<PlanWarning> Samples(PlannedJob job, Fleet fleet)
    {
        foreach (var (name, calibration, _) in job.Generators)
        {
            var slow = JobPlanner.TimeOf(job, calibration).Quantile(0.99) / fleet.LaneSpeed;
            if (slow > fleet.SampleTimeoutSeconds / 2)
            {
                yield return Warning("sample_near_timeout",
                    $"One sample in a hundred of {name} takes {slow:N0} s or more, and {fleet.SampleTimeoutSeconds:N0} s is the limit. Way out: a higher SampleTimeout, or {Fleet.MbPerCpu:N0} MB of memory and more.");
            }

            var laneMb = (fleet.MemoryMb - WorkerMb) / fleet.Lanes;
            if (calibration.MemoryMb > laneMb)
            {
                yield return Warning("memory",
                    $"A sample of {name} takes {calibration.MemoryMb:N0} MB, and a lane has {laneMb:N0} MB. Way out: more memory for the function.");
            }
        }
    }

    private static IEnumerable<PlanWarning> Batches(PlannedJob job, Fleet fleet, SimulationResult run)
    {
        var seconds = run.FunctionSeconds / Math.Max(1, run.Invocations);
        var best = JobPlanner.BestBatchSize(job, fleet);
        if (run.HandOvers > job.Batches / 100)
        {
            yield return Warning("batch_over_deadline",
                $"Batches of {job.BatchSize:N0} outlast a function's {fleet.TimeoutSeconds - HandOverMargin:N0} s: {run.HandOvers:N0} times the rest goes on as another message. Way out: \"batch_size\": {best}.");
        }
        else if (seconds > LongMessage && job.BatchSize > best)
        {
            yield return Warning("batch_long",
                $"A batch takes {seconds:N0} s, and a worker that dies in it loses all of it. Way out: \"batch_size\": {best}.");
        }

        if (seconds < ShortMessage && job.BatchSize < best && job.Batches > fleet.Concurrency)
        {
            yield return Warning("batch_short",
                $"A batch takes {seconds:0.0} s, so messages and manifests are a part of the cost. Way out: \"batch_size\": {best}.");
        }
    }

    private static IEnumerable<PlanWarning> Functions(Fleet fleet, SimulationResult run)
    {
        if (fleet.MappingConcurrency > fleet.AccountConcurrency)
        {
            yield return Warning("concurrency_over_account",
                $"The mapping would run {fleet.MappingConcurrency:N0} functions at once, and the account allows {fleet.AccountConcurrency:N0}: {run.Throttles:N0} messages find no function, and each time counts as a delivery. Way out: a higher quota, or MaximumConcurrency {fleet.AccountConcurrency}.");
        }
        else if (fleet.MappingConcurrency == fleet.AccountConcurrency && run.PeakConcurrency == fleet.AccountConcurrency)
        {
            yield return Warning("concurrency_all",
                $"The job may use all {fleet.AccountConcurrency:N0} functions of the account, and the API then finds none. Way out: MaximumConcurrency {fleet.AccountConcurrency * 9 / 10}, or a higher quota.");
        }

        if (run.Throttles > 0 && fleet.MaxReceives < GoodReceives)
        {
            yield return Warning("few_receives",
                $"A message goes to the dead-letter queue after {fleet.MaxReceives} deliveries, throttled ones included. Way out: MaxReceiveCount 10.");
        }
    }

    private static IEnumerable<PlanWarning> Basis(PlannedJob job)
    {
        var unknown = job.Generators.Where(static generator => generator.Calibration.Basis == PlanBasis.Default).ToList();
        if (unknown.Count == 0) yield break;
        yield return Warning("not_measured",
            $"{unknown.Count} of {job.Generators.Count} generators have never been measured, the first {unknown[0].Name}: their figures are those of an average one. Way out: \"calibrate\": true where a worker is embedded, or a small job first.");
    }

    private static PlanWarning Warning(string code, FormattableString message) => new(code, message.ToString(CultureInfo.InvariantCulture));
}
