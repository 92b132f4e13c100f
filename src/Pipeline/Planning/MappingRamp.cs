namespace VmDataset.Pipeline.Planning;

/// <summary>
/// Messages that the event source mapping has under way at most, as a function of time (Lambda developer guide, "Configuring scaling
/// behavior for SQS event source mappings"). A throttle takes it back to what runs, from where it grows again.
/// </summary>
internal sealed class MappingRamp(Fleet fleet)
{
    private readonly double _perSecond = fleet.ScalingMode == ScalingMode.ProvisionedPollers ? 1_000 / 60.0 : 300 / 60.0;

    private double _from;
    private double _base = fleet.ScalingMode == ScalingMode.ProvisionedPollers ? Fleet.MessagesPerPoller * fleet.MinimumPollers : 5;

    /// <summary>The messages allowed at a time in seconds.</summary>
    public int At(double now) => (int)Math.Min(fleet.MappingConcurrency, _base + (_perSecond * (now - _from)) + 1e-9);

    /// <summary>When so many are allowed; null if never.</summary>
    public double? When(int messages) => messages > fleet.MappingConcurrency ? null : _from + ((messages - _base) / _perSecond);

    /// <summary>Begins anew with what runs now.</summary>
    public void Throttle(double now, int running) => (_from, _base) = (now, Math.Max(1, running));
}
