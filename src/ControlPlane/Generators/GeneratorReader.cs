namespace VmDataset.ControlPlane.Generators;

/// <summary>Describes generators, all or one in full.</summary>
internal sealed class GeneratorReader(GeneratorDirectory directory, ParameterDirectory parameters, ClockReadDirectory clock)
{
    /// <summary>All generators, in ordinal order of name.</summary>
    public async Task<IReadOnlyList<GeneratorView>> ListAsync(CancellationToken cancellationToken) =>
        [.. (await directory.ListAsync(cancellationToken)).Select(static generator => View(generator, whole: false))];

    /// <summary>A generator with its parameters and the functions of the clock that it reads; null if it is not here.</summary>
    public async Task<GeneratorView?> FindAsync(string name, CancellationToken cancellationToken)
    {
        if ((await directory.FindAsync([name], cancellationToken))[0] is not { } generator) return null;
        if (!generator.Usable) return View(generator, whole: true);
        var (schema, problem) = await parameters.OfAsync(generator, cancellationToken);
        return View(generator, whole: true) with
        {
            Parameters = schema,
            ParametersProblem = problem,
            ReadsClock = await clock.OfAsync(generator, cancellationToken),
        };
    }

    private static GeneratorView View(GeneratorInfo generator, bool whole) => new()
    {
        Name = generator.Name,
        Usable = generator.Usable,
        Problem = generator.Problem,
        Description = generator.Description,
        Warning = generator.Warning,
        Category = generator.Category,
        Domain = generator.Check?.Domain ?? generator.Domain,
        Entry = generator.Entry,
        Flags = generator.Flags,
        Version = generator.Version.Length == 0 ? null : generator.Version,
        Check = GeneratorTrialView.Of(generator, whole),
    };
}
