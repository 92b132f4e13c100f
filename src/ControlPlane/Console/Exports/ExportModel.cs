using VmDataset.ControlPlane.Jobs.Exports;
using VmDataset.ControlPlane.Jobs.Views;

namespace VmDataset.ControlPlane.Console.Exports;

/// <summary>A job's exports, and the form for another one.</summary>
public sealed record ExportModel
{
    internal static readonly string[] TextFields = ["profile", "base_path", "split", "shards"];

    internal static readonly string[] NumberFields = ["shard_bytes", "seed"];

    public required JobView Job { get; init; }

    /// <summary>The job as it was accepted.</summary>
    public required Job Record { get; init; }

    public required IReadOnlyList<ExportView> Exports { get; init; }

    /// <summary>Whether the dataset is there, and all of it, so that an export can be made.</summary>
    public required bool IsReady { get; init; }

    /// <summary>What became of the form; null if none was sent.</summary>
    public string? Message { get; init; }

    /// <summary>Why the API refuses what the form asks for; null if it does not.</summary>
    public string? Refusal { get; init; }

    /// <summary>What is wrong in the form.</summary>
    public IReadOnlyList<ValidationError> Errors { get; init; } = [];

    /// <summary>What was written into it.</summary>
    public IReadOnlyDictionary<string, string> Texts { get; init; } = new Dictionary<string, string>();

    internal bool IsPending => Exports.Any(static each => each.State == ExportState.Pending);
}
