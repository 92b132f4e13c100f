namespace VmDataset.Worker.Telemetry;

/// <summary>
/// Writes figures as lines in CloudWatch's embedded metric format (CloudWatch user guide, "Specification: embedded metric
/// format"), which CloudWatch takes out of a function's log: no call, no credentials, nothing to wait for.
/// </summary>
public sealed class EmbeddedMetrics(TextWriter output, TimeProvider time) : IWorkerMetrics
{
    private const string Namespace = "VmDataset";
    private static readonly object[] Metrics =
    [
        new { Name = "Samples", Unit = "Count" },
        new { Name = "FailedSamples", Unit = "Count" },
        new { Name = "SecondsPerSample", Unit = "Seconds" },
        new { Name = "Bytes", Unit = "Bytes" },
        new { Name = "ColdStart", Unit = "Count" },
    ];

    private int _reports;

    public void Report(BatchFigures figures)
    {
        Dictionary<string, object> line = new()
        {
            ["_aws"] = new
            {
                Timestamp = time.GetUtcNow().ToUnixTimeMilliseconds(),
                CloudWatchMetrics = new[]
                {
                    new
                    {
                        Namespace,
                        Dimensions = new[] { new[] { "Generator" } },
                        // Without a sample there is no time for one.
                        Metrics = figures.Samples > 0 ? Metrics : [.. Metrics.Where(static (_, i) => i != 2)],
                    },
                },
            },
            ["Generator"] = figures.Generator,
            ["Samples"] = figures.Samples,
            ["FailedSamples"] = figures.FailedSamples,
            ["Bytes"] = figures.Bytes,
            ["ColdStart"] = Interlocked.Increment(ref _reports) == 1 ? 1 : 0,
        };
        if (figures.Samples > 0) line["SecondsPerSample"] = Math.Round(figures.DrawSeconds / figures.Samples, 4);
        output.WriteLine(JsonSerializer.Serialize(line));
    }
}
