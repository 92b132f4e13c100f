using System.Diagnostics.CodeAnalysis;

namespace VmDataset.ControlPlane.Jobs.Failures;

/// <summary>The last error of a range of samples.</summary>
public sealed record FailureView : FailureRecord
{
    [SetsRequiredMembers]
    internal FailureView(FailureRecord record, bool dead, bool recovered)
        : base(record) => (Dead, Recovered) = (dead, recovered);

    /// <summary>Whether the range, or a part of it, has failed for good and is in the dead-letter queue.</summary>
    public required bool Dead { get; init; }

    /// <summary>Whether a later attempt has finished the whole range.</summary>
    public required bool Recovered { get; init; }
}
