namespace VmDataset.ControlPlane.Jobs.Views;

/// <summary>Progress of the search for duplicates in a job that replaces them.</summary>
public sealed record UniqueView
{
    /// <summary>Different samples found so far, of each generator at most as many as requested.</summary>
    /// <example>9980</example>
    public required long Distinct { get; init; }

    /// <summary>Generators that cannot give as many different samples as requested.</summary>
    public required IReadOnlyList<string> Exhausted { get; init; }

    internal static UniqueView? Of(Job job, JobControlState control)
    {
        var checks = job.Generators.Select(generator => GeneratorUniqueView.Of(job, control.For(generator.Name))).ToList();
        if (checks.TrueForAll(static check => check is null)) return null;
        return new UniqueView
        {
            Distinct = checks.Sum(static check => (long?)check?.Distinct ?? 0),
            Exhausted = [.. job.Generators.Where((_, i) => checks[i]?.Exhausted == true).Select(static generator => generator.Name)],
        };
    }
}

/// <summary>Progress of the search for a generator's duplicates.</summary>
public sealed record GeneratorUniqueView
{
    /// <summary>Different samples found, at most as many as requested.</summary>
    /// <example>4990</example>
    public required int Distinct { get; init; }

    /// <summary>Number of samples that were compared.</summary>
    /// <example>51000</example>
    public required int Candidates { get; init; }

    /// <summary>Whether the search ended with fewer different samples than requested.</summary>
    /// <example>true</example>
    public required bool Exhausted { get; init; }

    internal static GeneratorUniqueView? Of(Job job, GeneratorControl control) => control.LastCheck is not { } check ? null : new()
    {
        Distinct = Math.Min(check.Distinct, job.SamplesOf(check.Generator)),
        Candidates = check.Candidates,
        Exhausted = check.Settled && check.Distinct + check.Failed < job.SamplesOf(check.Generator),
    };
}
