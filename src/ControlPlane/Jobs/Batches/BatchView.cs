using VmDataset.ControlPlane.Jobs.Failures;

namespace VmDataset.ControlPlane.Jobs.Batches;

/// <summary>The state of a batch.</summary>
public enum BatchState
{
    /// <summary>Every sample is finished.</summary>
    Done,

    /// <summary>At least one sample has failed for good.</summary>
    Failed,

    /// <summary>At least one sample has failed and will be retried.</summary>
    Retrying,

    /// <summary>The API's own worker has it, and first finds out whether its generator may draw many samples in one process.</summary>
    Proving,

    /// <summary>It waits on the queue or is being processed; the store cannot tell which.</summary>
    Waiting,

    /// <summary>It is not finished, and its job was cancelled, paused or stopped.</summary>
    Halted,
}

/// <summary>A range of samples of one generator that was put on the queue as one message.</summary>
public sealed record BatchView
{
    /// <summary>The generator.</summary>
    /// <example>chess-task-data-generator</example>
    public required string Generator { get; init; }

    /// <summary>Index of the first sample.</summary>
    /// <example>200</example>
    public required int StartIndex { get; init; }

    /// <summary>Number of samples.</summary>
    /// <example>200</example>
    public required int Samples { get; init; }

    /// <summary><c>done</c>: every sample is finished. <c>failed</c>: at least one sample has failed for good. <c>retrying</c>: at least
    /// one sample has failed and will be retried. <c>proving</c>: the API's own worker has it and draws a proof of process reuse first.
    /// <c>waiting</c>: none of these; a worker may be processing it. <c>halted</c>: the job was cancelled, paused or stopped before the
    /// batch was done.</summary>
    public required BatchState State { get; init; }

    /// <summary>Finished samples.</summary>
    /// <example>180</example>
    public required int SamplesDone { get; init; }

    /// <summary>Samples that have failed for good.</summary>
    /// <example>1</example>
    public required int SamplesFailed { get; init; }

    /// <summary>Seconds spent on drawing the finished samples, summed over lanes; absent before the first.</summary>
    /// <example>31.25</example>
    public double? Seconds { get; init; }

    /// <summary>The highest attempt that finished or failed a part of the batch, from 1; absent before the first.</summary>
    /// <example>1</example>
    public int? Attempts { get; init; }

    /// <summary>The workers that finished samples, each once: the host and process of a worker, or the log stream of a function.</summary>
    /// <example>["worker-3:71"]</example>
    public required IReadOnlyList<string> Workers { get; init; }

    /// <summary>Time at which the last sample was finished (UTC); absent unless the batch is done.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>The newest failure among the missing samples; absent unless the batch is failed or retrying.</summary>
    public BatchErrorView? LastError { get; init; }
}
