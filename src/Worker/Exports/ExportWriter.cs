using VmDataset.Pipeline.Exports;

namespace VmDataset.Worker.Exports;

/// <summary>Writes the files of one profile, sample by sample, generators in the order of the job. It holds no more than a sample.</summary>
internal abstract class ExportWriter
{
    public abstract ValueTask AddAsync(ExportSample sample, CancellationToken cancellationToken);

    /// <summary>Writes what comes after the last sample.</summary>
    public virtual Task FinishAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <param name="options">What was asked for; its profile is one of <see cref="ExportProfile.All"/>.</param>
    /// <param name="folder">Where it writes.</param>
    public static ExportWriter Of(ExportOptions options, ExportFolder folder) => options.Profile switch
    {
        ExportProfile.DiffSynth => new DiffSynthWriter(folder),
        ExportProfile.VideoXFun => new VideoXFunWriter(folder),
        ExportProfile.Finetrainers => new FinetrainersWriter(folder),
        ExportProfile.MusubiTuner => new MusubiTunerWriter(options, folder),
        var other => throw new ArgumentOutOfRangeException(nameof(options), other, "It is no profile."),
    };
}
