using VmDataset.ControlPlane.Auth.Keys;
using VmDataset.ControlPlane.Operations.DeadLetters;
using VmDataset.ControlPlane.Operations.Fleet;
using VmDataset.ControlPlane.Operations.Health;

namespace VmDataset.ControlPlane.Console.Operations;

/// <summary>What those who run the server look at.</summary>
public sealed record OperationsModel
{
    public required HealthView Health { get; init; }

    /// <summary>The workers' figures; null where they cannot be had.</summary>
    public FleetView? Fleet { get; init; }

    /// <summary>Why a part of the page is missing, a sentence each.</summary>
    public required IReadOnlyList<string> Problems { get; init; }

    public required IReadOnlyList<DeadLetterView> DeadLetters { get; init; }

    /// <summary>Only this job's dead letters; null for all.</summary>
    public string? JobId { get; init; }

    /// <summary>Keys; null for callers who may not see them.</summary>
    public IReadOnlyList<KeyView>? Keys { get; init; }

    /// <summary>What became of the last action; null without one.</summary>
    public string? Message { get; init; }

    /// <summary>A key that was made just now, with its text.</summary>
    public KeyView? Made { get; init; }

    /// <summary>What is wrong with the form for a new key.</summary>
    public IReadOnlyList<ValidationError> Errors { get; init; } = [];

    /// <summary>The texts of that form.</summary>
    public IReadOnlyDictionary<string, string> Texts { get; init; } = new Dictionary<string, string>();
}

/// <summary>The question before something is lost.</summary>
/// <param name="Text">What will be lost.</param>
/// <param name="Action">The path to which the form goes.</param>
/// <param name="Fields">Its hidden fields.</param>
public sealed record AskModel(string Title, string Text, string Action, string Button, IReadOnlyList<(string Name, string Value)> Fields);
