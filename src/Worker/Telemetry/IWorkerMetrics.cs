namespace VmDataset.Worker.Telemetry;

/// <summary>Told of each message that was worked on.</summary>
public interface IWorkerMetrics
{
    void Report(BatchFigures figures);
}

/// <param name="DrawSeconds">Seconds that lanes spent on the finished samples.</param>
public sealed record BatchFigures(string Generator, int Samples, int FailedSamples, double DrawSeconds, long Bytes);
