using System.Diagnostics.Metrics;

namespace VmDataset.Worker.Lanes;

/// <summary>The gauge of a pool's lanes, for listeners of the meter.</summary>
internal static class LaneGauge
{
    /// <returns>The meter; the gauge lasts until it is disposed.</returns>
    public static Meter Of(LanePool pool)
    {
        var meter = new Meter(Instrumentation.Name);
        meter.CreateObservableUpDownCounter("vm_dataset.lanes", () =>
        {
            var (busy, live) = pool.Count();
            return new Measurement<int>[] { new(busy, State("busy")), new(live - busy, State("idle")) };
        }, "{lane}", "Processes that draw samples, or wait for one.");
        return meter;
    }

    private static KeyValuePair<string, object?> State(string state) => new(Attributes.State, state);
}
