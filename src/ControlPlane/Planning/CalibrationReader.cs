using VmDataset.Pipeline.Planning;

namespace VmDataset.ControlPlane.Planning;

/// <summary>What is known of a job's generators: the samples of earlier jobs, else the trial, else the figures of an average one.</summary>
internal sealed class CalibrationReader(MeasurementStore measurements, IGeneratorCatalog catalog, TrialResultStore trials)
{
    /// <summary>The calibration of each of them, in their order.</summary>
    public async Task<IReadOnlyList<PlannedGenerator>> ReadAsync(
        IReadOnlyList<JobGenerator> generators, VideoSpec? video, CancellationToken cancellationToken)
    {
        var measured = await measurements.ReadAsync(generators, video, cancellationToken);
        var tried = await TrialsAsync([.. generators.Where((_, i) => measured[i] is null)], cancellationToken);
        return [.. generators.Select((generator, i) => new PlannedGenerator(generator.Name,
            measured[i] ?? tried.GetValueOrDefault(generator.Source) ?? GeneratorCalibration.Default, generator.Samples))];
    }

    private async Task<Dictionary<string, GeneratorCalibration>> TrialsAsync(
        IReadOnlyList<JobGenerator> generators, CancellationToken cancellationToken)
    {
        List<GeneratorInfo> infos =
            [.. generators.Select(static each => each.Source).Distinct().Select(catalog.Find).OfType<GeneratorInfo>()];
        if (infos.Count == 0) return [];
        var results = await trials.ReadAsync(infos, cancellationToken);
        return infos.Zip(results, static (info, stored) => stored ?? info.Check)
            .Where(static trial => trial is { Passed: true, Seconds: > 0 })
            .ToDictionary(static trial => trial!.Generator, static trial => Of(trial!), StringComparer.Ordinal);
    }

    private static GeneratorCalibration Of(GeneratorTrialResult trial) =>
        GeneratorCalibration.Of([trial.Seconds!.Value], PlanBasis.Trial, trial.At) with
        {
            FilesPerSample = trial.Files.Count,
            Version = trial.Version,
        };
}
