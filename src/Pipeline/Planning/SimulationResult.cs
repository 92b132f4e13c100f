namespace VmDataset.Pipeline.Planning;

/// <summary>What a simulated job came to.</summary>
public sealed record SimulationResult
{
    /// <summary>From the submission to the end of the last message.</summary>
    public required double Seconds { get; init; }

    /// <summary>Seconds of functions that are paid for, cold starts included.</summary>
    public required double FunctionSeconds { get; init; }

    /// <summary>Samples that were finished.</summary>
    public required long Finished { get; init; }

    /// <summary>Samples that were given up: failed three times, or their message was delivered too often.</summary>
    public required long Dead { get; init; }

    /// <summary>Messages that went to the queue: batches, hand-overs and failed samples.</summary>
    public required long Messages { get; init; }

    /// <summary>Invocations that ran.</summary>
    public required long Invocations { get; init; }

    /// <summary>Environments that were started.</summary>
    public required int ColdStarts { get; init; }

    /// <summary>Functions that ran at once at most.</summary>
    public required int PeakConcurrency { get; init; }

    /// <summary>Messages that were received and found no function.</summary>
    public required long Throttles { get; init; }

    /// <summary>Messages that the deadline cut, whose rest went on as another message.</summary>
    public required long HandOvers { get; init; }

    /// <summary>Messages that a worker's death brought back to the queue.</summary>
    public required long Redeliveries { get; init; }

    /// <summary>Seconds that lanes waited for S3 to take their files.</summary>
    public required double PutWaitSeconds { get; init; }
}
