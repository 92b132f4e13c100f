namespace VmDataset.Pipeline.Planning;

internal enum EventKind
{
    /// <summary>A lane has drawn samples.</summary>
    Drawn,

    /// <summary>A lane may draw the next.</summary>
    LaneFree,

    /// <summary>A lane has nothing more to draw.</summary>
    LaneIdle,

    /// <summary>A function is done with its message.</summary>
    Ended,

    /// <summary>A message may be received again.</summary>
    Visible,

    /// <summary>The mapping may have one message more under way.</summary>
    Wake,
}

/// <param name="Kind">What happens.</param>
/// <param name="Function">Where.</param>
/// <param name="Message">The message that is visible again.</param>
/// <param name="Samples">Samples drawn.</param>
/// <param name="Failed">How many of them failed.</param>
internal readonly record struct SimulatedEvent(
    EventKind Kind, SimulatedFunction? Function = null, SimulatedMessage Message = default, int Samples = 0, int Failed = 0);
