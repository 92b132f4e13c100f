using VmDataset.ControlPlane.Generators;

namespace VmDataset.ControlPlane.Jobs.Submission;

/// <summary>Warns of generators whose samples do not depend on the seed: all samples of a job would be the same one.</summary>
internal sealed class SameSamples(IGeneratorCatalog catalog, GeneratorDirectory generators)
{
    private const int MaxNamed = 3;

    /// <returns>A warning for the generators that gave the same sample for different seeds when they were tried, or none.</returns>
    public async Task<IReadOnlyList<string>> WarnAsync(Job job, CancellationToken cancellationToken)
    {
        List<GeneratorInfo> infos = [.. job.Generators.Where(each => job.SamplesOf(each) > 1)
            .Select(static each => each.Source).Distinct(StringComparer.Ordinal).Select(catalog.Find).OfType<GeneratorInfo>()];
        if (infos.Count == 0) return [];
        var same = (await generators.WithChecksAsync(infos, cancellationToken))
            .Where(static info => info.Check is { Varies: false }).Select(static info => info.Name).ToList();
        if (same.Count == 0) return [];
        var names = string.Join(", ", same.Take(MaxNamed)) + (same.Count > MaxNamed ? $" and {same.Count - MaxNamed} more" : "");
        return [$"Different seeds gave the same sample of {names} when it was tried, so this job's samples of it may all be the same one. GET /v1/jobs/{job.Id}/quality counts them; docs/write-a-generator.md says how seeds are to be used."];
    }
}
