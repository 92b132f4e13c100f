using VmDataset.Pipeline.Exports;

namespace VmDataset.Worker.Exports;

/// <summary>Writes the files of one profile, sample by sample, generators in the order of the job. What it holds in memory is
/// bounded.</summary>
internal abstract class ExportWriter : IAsyncDisposable
{
    public abstract ValueTask AddAsync(ExportSample sample, CancellationToken cancellationToken);

    /// <summary>Writes what comes after the last sample.</summary>
    public virtual Task FinishAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public virtual ValueTask DisposeAsync() => default;

    /// <param name="options">What was asked for; its profile is one of <see cref="ExportProfile.All"/>.</param>
    /// <param name="folder">Where it writes.</param>
    public static ExportWriter Of(ExportOptions options, ExportFolder folder) => options.Profile switch
    {
        ExportProfile.DiffSynth => new DiffSynthWriter(folder),
        ExportProfile.VideoXFun => new VideoXFunWriter(folder),
        ExportProfile.Finetrainers => new FinetrainersWriter(folder),
        ExportProfile.MusubiTuner => new MusubiTunerWriter(options, folder),
        ExportProfile.VbvrWan => new VbvrWanWriter(options, folder),
        ExportProfile.VbvrRl => new VbvrRlWriter(folder),
        ExportProfile.VbvrDataset => new VbvrDatasetWriter(folder),
        ExportProfile.DiffusionPipe => new DiffusionPipeWriter(options, folder),
        ExportProfile.VbvrEvalKit => new SampleLinksWriter(folder, static each =>
            string.Create(CultureInfo.InvariantCulture, $"In-Domain_50/{each.Generator}/{each.Number:D5}")),
        ExportProfile.VbvrInferKit => new SampleLinksWriter(folder, static each => $"questions/{each.Generator}_task/{each.Row.Name}"),
        var other => throw new ArgumentOutOfRangeException(nameof(options), other, "It is no profile."),
    };
}
