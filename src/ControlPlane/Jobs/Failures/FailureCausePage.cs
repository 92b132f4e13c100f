namespace VmDataset.ControlPlane.Jobs.Failures;

/// <summary>Causes of a job's failures.</summary>
public sealed record FailureCausePage
{
    /// <summary>The causes, those of most samples first.</summary>
    public required IReadOnlyList<FailureCauseView> Items { get; init; }

    /// <summary>Number of causes that <c>limit</c> leaves out: those of fewest samples.</summary>
    /// <example>0</example>
    public required int LeftOut { get; init; }

    /// <summary>Number of failure records that were read for this answer, at most 500.</summary>
    /// <example>37</example>
    public required int Records { get; init; }

    /// <summary>Whether no failure records are left behind those that were read. Otherwise the counts are of a part of the
    /// failures.</summary>
    /// <example>true</example>
    public required bool Complete { get; init; }

    /// <summary>The <c>cursor</c> with which the next answer reads the records behind these; absent if there are none. A cause with
    /// records in both is in both answers.</summary>
    public string? NextCursor { get; init; }
}
