using VmDataset.Pipeline.Jobs;

namespace VmDataset.Pipeline.Planning;

/// <summary>
/// Calls to AWS that a job makes. The counts of a message, a submission and a status request are those of the code; tests of the worker and
/// the control plane hold their bounds.
/// </summary>
/// <param name="SqsRequests">To the queue, sends and leases included.</param>
/// <param name="DataPuts">PUTs of samples or shards; each part of a multipart upload counts.</param>
/// <param name="RecordPuts">PUTs of manifests, failures, check-points and the dataset's files.</param>
/// <param name="Lists">Pages of LIST of messages, status and reconciler.</param>
/// <param name="WatchLists">LISTs by which workers look whether the job goes on.</param>
/// <param name="Gets">GETs.</param>
/// <param name="LogBytes">Bytes of the functions' logs.</param>
/// <param name="Metrics">Custom metrics.</param>
public sealed record CallCounts(
    double SqsRequests, double DataPuts, double RecordPuts, double Lists, double WatchLists, double Gets, double LogBytes, int Metrics)
{
    // S3ObjectStore: larger shards go up in parts, of this size by the SDK's default.
    private const double MultipartFrom = 64 << 20;
    private const double PartBytes = 8 << 20;

    private const double MessagesPerSend = 10;
    private const double LeaseRenewalSeconds = 20;
    private const double KeysPerPage = 1_000;
    private const double BytesOfLogPerMessage = 1_500;
    private const int MetricsPerGenerator = 5;
    private const int BatchesPerCheckpoint = 10_000;
    private const double ReconcilerSeconds = 10;

    /// <param name="job">The job.</param>
    /// <param name="fleet">What draws it.</param>
    /// <param name="simulated">What became of it.</param>
    /// <param name="statusRequests">How often its status is read while it runs.</param>
    public static CallCounts Of(PlannedJob job, Fleet fleet, SimulationResult simulated, double statusRequests)
    {
        var (messages, isFiles) = (simulated.Invocations, job.OutputFormat == OutputFormat.Files);
        var manifests = (double)job.Batches + simulated.HandOvers;
        // Half of the manifests are there when a status is read, on average.
        var statusLists = 4 + Math.Max(0, Math.Ceiling(manifests / 2 / KeysPerPage) - 1);
        var readings = statusRequests + (simulated.Seconds / ReconcilerSeconds);
        return new CallCounts(
            SqsRequests: (job.Batches / MessagesPerSend) + (simulated.Messages - job.Batches)
                + (3 * messages) + simulated.Throttles + (simulated.FunctionSeconds / LeaseRenewalSeconds),
            DataPuts: isFiles ? job.Files
                : messages * job.ShardsPerBatch * PutsOfShard(job.Bytes / Math.Max(1, manifests) / job.ShardsPerBatch),
            RecordPuts: manifests + simulated.Dead + (simulated.Messages - job.Batches) + 4 + 5 + (job.Batches / BatchesPerCheckpoint),
            // A message reads the event log once, and done/ before drawing, before a shard and before a manifest.
            // A pass of the reconciler lists the versions that were drawn beside what a status reads.
            Lists: (messages * (isFiles ? 3 : 4)) + 8 + (readings * statusLists) + (simulated.Seconds / ReconcilerSeconds)
                + job.Generators.Count,
            WatchLists: simulated.FunctionSeconds / fleet.HaltCheckSeconds,
            Gets: Math.Min(messages, (double)simulated.ColdStarts * job.Generators.Count) + manifests + readings,
            LogBytes: messages * BytesOfLogPerMessage,
            Metrics: MetricsPerGenerator * job.Generators.Count);
    }

    /// <summary>PUTs of a shard: one, or its parts with the beginning and the end of the upload.</summary>
    public static double PutsOfShard(double bytes) => bytes < MultipartFrom ? 1 : Math.Ceiling(bytes / PartBytes) + 2;
}
