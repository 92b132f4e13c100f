using System.Collections.Concurrent;
using VmDataset.Pipeline.Generators;

namespace VmDataset.ControlPlane.Generators;

/// <summary>The generators here, judged by what the runtime can import too, where there is a runtime.</summary>
internal sealed class GeneratorDirectory(GeneratorCatalog catalog, TimeProvider time, IGeneratorRuntime? runtime = null)
{
    // A missing module may be installed at any moment; one that is there is hardly removed.
    private static readonly TimeSpan MissingHoldsFor = TimeSpan.FromSeconds(30);
    private const int Parallelism = 4;

    private readonly ConcurrentDictionary<string, (string Version, DateTimeOffset At, IReadOnlyList<string> Missing)> _checked = new(StringComparer.Ordinal);

    /// <summary>All generators, in ordinal order of name.</summary>
    public Task<GeneratorInfo[]> ListAsync(CancellationToken cancellationToken) => JudgeAsync(catalog.List(), cancellationToken);

    /// <summary>The named generators in the order of their names; null for one that is not here.</summary>
    public async Task<IReadOnlyList<GeneratorInfo?>> FindAsync(IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        var found = names.Select(catalog.Find).ToList();
        var judged = new Queue<GeneratorInfo>(await JudgeAsync([.. found.OfType<GeneratorInfo>()], cancellationToken));
        return [.. found.Select(info => info is null ? null : judged.Dequeue())];
    }

    /// <summary>The names alone.</summary>
    public IReadOnlyList<string> Names() => [.. catalog.List().Select(static generator => generator.Name)];

    private async Task<GeneratorInfo[]> JudgeAsync(IReadOnlyList<GeneratorInfo> generators, CancellationToken cancellationToken)
    {
        var judged = new GeneratorInfo[generators.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, generators.Count, options, async (i, stop) => judged[i] = await JudgeAsync(generators[i], stop));
        return judged;
    }

    private async Task<GeneratorInfo> JudgeAsync(GeneratorInfo generator, CancellationToken cancellationToken)
    {
        // Where on this machine the generators lie is nobody's business but the machine's.
        if (generator.Problem is { } problem) return generator with { Problem = problem.Replace(generator.Folder, generator.Name, StringComparison.Ordinal) };
        var missing = await MissingAsync(generator, cancellationToken);
        return missing.Count == 0 ? generator : generator with
        {
            Problem = $"It needs the Python module{(missing.Count == 1 ? "" : "s")} {string.Join(", ", missing)}, which this interpreter lacks.",
        };
    }

    private async Task<IReadOnlyList<string>> MissingAsync(GeneratorInfo generator, CancellationToken cancellationToken)
    {
        if (runtime is null) return [];
        var now = time.GetUtcNow();
        if (_checked.TryGetValue(generator.Name, out var known) && known.Version == generator.Version
            && (known.Missing.Count == 0 || now - known.At < MissingHoldsFor))
        {
            return known.Missing;
        }

        var missing = await runtime.MissingModulesAsync(generator, cancellationToken);
        _checked[generator.Name] = (generator.Version, now, missing);
        return missing;
    }
}
