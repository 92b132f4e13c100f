using System.Text.Json;
using VmDataset.Worker.Telemetry;

namespace VmDataset.Worker.Tests.Telemetry;

public class EmbeddedMetricsTests
{
    [Fact]
    public void Every_metric_that_a_line_declares_is_in_it_as_a_number()
    {
        using var output = new StringWriter();
        var metrics = new EmbeddedMetrics(output, TimeProvider.System);
        metrics.Report(new BatchFigures("maze-data-generator", 8, 2, 1.0, 4_096));
        metrics.Report(new BatchFigures("chess-task-data-generator", 0, 3, 0, 0));

        var lines = output.ToString().TrimEnd().Split('\n').Select(static line => JsonElement.Parse(line)).ToList();
        lines.Count.ShouldBe(2);
        foreach (var line in lines)
        {
            var aws = line.GetProperty("_aws");
            DateTimeOffset.FromUnixTimeMilliseconds(aws.GetProperty("Timestamp").GetInt64()).ShouldBe(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(1));
            var directive = aws.GetProperty("CloudWatchMetrics").EnumerateArray().ShouldHaveSingleItem();
            directive.GetProperty("Namespace").GetString().ShouldBe("VmDataset");
            directive.GetProperty("Dimensions").GetRawText().ShouldBe("""[["Generator"]]""");
            foreach (var metric in directive.GetProperty("Metrics").EnumerateArray())
                line.GetProperty(metric.GetProperty("Name").GetString()!).ValueKind.ShouldBe(JsonValueKind.Number);
        }

        Figures(lines[0]).ShouldBe(("maze-data-generator", 8, 2, 0.125, 1));
        // Nothing was drawn, so there is no time for a sample; and the process was warm.
        Figures(lines[1]).ShouldBe(("chess-task-data-generator", 0, 3, null, 0));
    }

    private static (string?, int, int, double?, int) Figures(JsonElement line) => (line.GetProperty("Generator").GetString(),
        line.GetProperty("Samples").GetInt32(), line.GetProperty("FailedSamples").GetInt32(),
        line.TryGetProperty("SecondsPerSample", out var seconds) ? seconds.GetDouble() : null, line.GetProperty("ColdStart").GetInt32());
}
