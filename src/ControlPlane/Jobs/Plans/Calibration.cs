using VmDataset.ControlPlane.Jobs.Previews;
using VmDataset.Worker.Options;

namespace VmDataset.ControlPlane.Jobs.Plans;

/// <summary>Draws samples of a job's generators now, as previews, so that a plan can reckon with them.</summary>
internal sealed class Calibration(
    PreviewService previews, IGeneratorCatalog catalog, MeasurementRecorder recorder, IServiceProvider services)
{
    /// <summary>Generators that a request may wait for.</summary>
    public const int MaxGenerators = 8;

    private const int Samples = 8;

    // Unlike a user's preview, so that it is drawn although that is there already.
    private const int Seed = 1_000_000;

    /// <returns>Why it cannot be done; null if it can.</returns>
    public ValidationError? Refusal(Job job)
    {
        if (services.GetService<WorkerOptions>() is null)
            return Error("no worker runs in this process; allowed: false, as each job that ends is measured, or POST /v1/generators/{name}/preview");
        return job.Generators.Count > MaxGenerators
            ? Error($"the job has {job.Generators.Count} generators; allowed: true with at most {MaxGenerators}, or false") : null;
    }

    /// <summary>Draws and measures. A generator whose samples take longer than a request may wait, or fail, is left as it is.</summary>
    public Task RunAsync(Job job, string caller, CancellationToken cancellationToken) =>
        Task.WhenAll(job.Generators.Select(generator => RunAsync(generator, caller, cancellationToken)));

    private async Task RunAsync(JobGenerator generator, string caller, CancellationToken cancellationToken)
    {
        if (catalog.Find(generator.Source) is not { } info) return;
        var request = new PreviewRequest { Samples = Samples, Seed = Seed, Parameters = generator.Parameters };
        var (drawn, read) = await previews.MakeAsync(info, request, caller, cancellationToken);
        if (read.Samples.Done > 0) await recorder.RecordAsync(drawn, read, cancellationToken);
    }

    private static ValidationError Error(string why) => new(PlanRequest.CalibrateField, $"{PlanRequest.CalibrateField} is true, but {why}.");
}
