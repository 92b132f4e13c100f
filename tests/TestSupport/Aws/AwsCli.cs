using System.Diagnostics;
using System.Text.Json;

namespace VmDataset.Tests.Aws;

/// <summary>Puts metrics into the emulator by the program <c>aws</c>, which owes nothing to the client under test.</summary>
public static class AwsCli
{
    public static async Task PutMetricsAsync(string metricNamespace, string dimension, string owner, params IEnumerable<(string Name, DateTimeOffset At, double Value)> figures)
    {
        Assert.SkipWhen(AwsEmulator.Find("aws") is null, "needs the program aws (AWS CLI)");
        var emulator = await AwsEmulator.GetAsync();
        var data = JsonSerializer.Serialize(figures.Select(figure => new
        {
            MetricName = figure.Name,
            Dimensions = new[] { new { Name = dimension, Value = owner } },
            Timestamp = figure.At.UtcDateTime,
            figure.Value,
        }));
        using var process = Process.Start(new ProcessStartInfo(AwsEmulator.Find("aws")!,
            ["--region", AwsEmulator.Region, "--endpoint-url", emulator.Endpoint.AbsoluteUri, "cloudwatch", "put-metric-data", "--namespace", metricNamespace, "--metric-data", data])
        { RedirectStandardError = true })!;
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(0, errors);
    }
}
