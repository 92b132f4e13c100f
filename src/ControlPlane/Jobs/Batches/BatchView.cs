using VmDataset.Pipeline.Jobs;

namespace VmDataset.ControlPlane.Jobs.Batches;

/// <summary>How a batch stands.</summary>
public enum BatchState
{
    /// <summary>Every sample is finished.</summary>
    Done,

    /// <summary>A sample of it has failed for good.</summary>
    Failed,

    /// <summary>A sample of it has failed and is tried again.</summary>
    Retrying,

    /// <summary>It waits on the queue, or a worker has it in hand: the store cannot tell which.</summary>
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

    /// <summary>Index of its first sample.</summary>
    /// <example>200</example>
    public required int StartIndex { get; init; }

    /// <summary>Samples in it.</summary>
    /// <example>200</example>
    public required int NumSamples { get; init; }

    /// <summary>
    /// <c>done</c>: every sample is finished. <c>failed</c>: a sample has failed for good. <c>retrying</c>: a sample has failed and is
    /// tried again. <c>waiting</c>: none of these; it may be in work. <c>halted</c>: the job was cancelled, paused or stopped before it was done.
    /// </summary>
    public required BatchState State { get; init; }

    /// <summary>Samples that are finished.</summary>
    /// <example>180</example>
    public required int SamplesDone { get; init; }

    /// <summary>Samples that have failed for good.</summary>
    /// <example>1</example>
    public required int SamplesFailed { get; init; }

    /// <summary>Seconds that drawing the finished samples took, one lane's after the other's; absent before the first.</summary>
    /// <example>31.25</example>
    public double? Seconds { get; init; }

    /// <summary>The highest try that finished or failed a part of it, from 1; absent before the first.</summary>
    /// <example>1</example>
    public int? Attempts { get; init; }

    /// <summary>Who finished the samples, each once: host and process of a worker, or the log stream of a function.</summary>
    /// <example>["worker-3:71"]</example>
    public required IReadOnlyList<string> Workers { get; init; }

    /// <summary>When the last of its samples was finished (UTC); absent unless it is done.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>The newest failure among its missing samples; absent unless it failed or is tried again.</summary>
    public FailureSummary? LastError { get; init; }
}
