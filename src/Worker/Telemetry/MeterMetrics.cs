using System.Diagnostics.Metrics;

namespace VmDataset.Worker.Telemetry;

/// <summary>The worker's figures for whoever listens to the meter: Prometheus, OTLP. A job's id is never a label, as there is no end of
/// jobs.</summary>
internal sealed class MeterMetrics : IWorkerMetrics
{
    private static readonly Counter<long> Samples =
        Instrumentation.Meter.CreateCounter<long>("vm_dataset.samples", "{sample}", "Samples that were stored, or failed at a try.");

    private static readonly Counter<long> Stored =
        Instrumentation.Meter.CreateCounter<long>("vm_dataset.stored", "By", "Bytes of the stored samples' files.");

    private static readonly Histogram<double> Seconds =
        Instrumentation.Meter.CreateHistogram("vm_dataset.sample.duration", "s", "Seconds that a generator took for a sample.",
            advice: new InstrumentAdvice<double>
            {
                HistogramBucketBoundaries = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120],
            });

    public static void Drawn(string generator, double seconds) => Seconds.Record(seconds, Of(generator));

    public void Report(BatchFigures figures)
    {
        Samples.Add(figures.Samples, Of(figures.Generator), new(Attributes.Outcome, "finished"));
        Samples.Add(figures.FailedSamples, Of(figures.Generator), new(Attributes.Outcome, "failed"));
        Stored.Add(figures.Bytes, Of(figures.Generator));
    }

    private static KeyValuePair<string, object?> Of(string generator) => new(Attributes.Generator, generator);
}
