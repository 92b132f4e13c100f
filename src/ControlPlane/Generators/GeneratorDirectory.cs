using VmDataset.Worker.Trials;

namespace VmDataset.ControlPlane.Generators;

/// <summary>The generators here, judged by what became of trying them, and by what the runtime can import where there is one.</summary>
internal sealed partial class GeneratorDirectory(
    IGeneratorCatalog catalog, TrialResultStore checks, TimeProvider time, ILogger<GeneratorDirectory> logger,
        IGeneratorRuntime? runtime = null)
{
    // A missing module may be installed at any moment; one that is there is hardly removed.
    private static readonly TimeSpan MissingHoldsFor = TimeSpan.FromSeconds(30);
    private const int Parallelism = 4;

    private readonly ConcurrentDictionary<string, (string Version, DateTimeOffset At, IReadOnlyList<string> Missing)> _checked =
        new(StringComparer.Ordinal);

    /// <summary>All generators, in ordinal order of name.</summary>
    public Task<GeneratorInfo[]> ListAsync(CancellationToken cancellationToken) => JudgeAsync(catalog.List(), cancellationToken);

    /// <summary>The named generators in the order of their names; null for one that is not here.</summary>
    public async Task<IReadOnlyList<GeneratorInfo?>> FindAsync(IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        var found = names.Select(catalog.Find).ToList();
        var judged = new Queue<GeneratorInfo>(await JudgeAsync([.. found.OfType<GeneratorInfo>()], cancellationToken));
        return [.. found.Select(info => info is null ? null : judged.Dequeue())];
    }

    public IReadOnlyList<string> Names() => [.. catalog.List().Select(static generator => generator.Name)];

    private async Task<GeneratorInfo[]> JudgeAsync(IReadOnlyList<GeneratorInfo> generators, CancellationToken cancellationToken)
    {
        // With some modules missing the runtime still tells which generators need them; with a problem else, none runs.
        var status = runtime is null ? null : await CallProgress.ElsewhereAsync(() => runtime.GetStatusAsync(cancellationToken));
        var standstill = status is { MissingModules.Count: 0 } ? status.Problem : null;
        generators = await WithChecksAsync(generators, cancellationToken);
        var judged = new GeneratorInfo[generators.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, generators.Count, options, async (i, stop) =>
        {
            var problem = await ProblemAsync(generators[i], standstill, stop);
            judged[i] = problem is null ? generators[i] : generators[i] with { Problem = problem };
        });
        return judged;
    }

    /// <summary>Each with the newest check there is: the store's, or the index's.</summary>
    public async Task<IReadOnlyList<GeneratorInfo>> WithChecksAsync(
        IReadOnlyList<GeneratorInfo> generators, CancellationToken cancellationToken)
    {
        IReadOnlyList<GeneratorTrialResult?> found;
        try
        {
            found = await checks.ReadAsync(generators, cancellationToken);
        }
        // Whatever the store met, the generators are still to be listed.
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            Log.Unread(logger, exception.Message);
            found = checks.Recall(generators);
        }

        return [.. generators.Select((generator, i) => found[i] is { } check && !(generator.Check?.At >= check.At)
            ? generator with { Check = check } : generator)];
    }

    private async Task<string?> ProblemAsync(GeneratorInfo generator, string? standstill, CancellationToken cancellationToken)
    {
        if (generator.ShownProblem is { } problem) return problem;
        if (standstill is not null) return standstill;
        // Whether a module is there still, the runtime here says now.
        var isOutdated = runtime is not null && generator.Check is { Kind: TrialFailure.MissingModule, Traceback: null, LogTail: null };
        var condemned = !isOutdated && generator.Check is { Condemns: true } check
            ? $"A sample was drawn to try it, and failed: {check.Message}" : null;
        if (runtime is null || condemned is not null) return condemned;
        try
        {
            var missing = await MissingAsync(runtime, generator, cancellationToken);
            return missing.Count == 0 ? null : GeneratorTrial.MissingModules(missing);
        }
        // Whatever the check of one generator meets, the others are still to be listed.
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            return $"Its Python modules could not be checked: {exception.Message}";
        }
    }

    private async Task<IReadOnlyList<string>> MissingAsync(
        IGeneratorRuntime present, GeneratorInfo generator, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (_checked.TryGetValue(generator.Name, out var known) && known.Version == generator.Version
            && (known.Missing.Count == 0 || now - known.At < MissingHoldsFor))
        {
            return known.Missing;
        }

        var missing = await CallProgress.ElsewhereAsync(() => present.MissingModulesAsync(generator, cancellationToken));
        _checked[generator.Name] = (generator.Version, now, missing);
        return missing;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "What became of trying the generators cannot be read: {Reason}")]
        public static partial void Unread(ILogger logger, string reason);
    }
}
