namespace VmDataset.ControlPlane.Jobs.Submission;

/// <summary>
/// Warns of earlier jobs that have samples of a new one. Sample i is drawn with base seed + i, so jobs of neighbouring seeds share almost
/// all of their samples, and a split or a test set of one of them is no protection from the other.
/// </summary>
internal sealed class SeedOverlaps(JobStore jobs, JobEventLog log)
{
    /// <summary>The newest jobs that are looked at: one LIST, and one GET for each that this process has not read before.</summary>
    public const int MaxJobs = 100;

    /// <summary>Jobs that are named; each costs one LIST, which says whether it was deleted.</summary>
    public const int MaxNamed = 5;

    private const int MaxGenerators = 3;

    /// <returns>A warning for each of the newest jobs that overlap.</returns>
    public async Task<IReadOnlyList<string>> WarnAsync(Job job, CancellationToken cancellationToken)
    {
        var mine = job.Generators.ToLookup(static each => each.Source, StringComparer.Ordinal);
        List<string> warnings = [];
        var more = 0;
        foreach (var earlier in await jobs.NewestAsync(MaxJobs, cancellationToken))
        {
            if (earlier.Id == job.Id || job.UniqueAgainst?.Contains(earlier.Id, StringComparer.Ordinal) == true) continue;
            var shared = (from theirs in earlier.Generators
                          from own in mine[theirs.Source]
                          where own.Version == theirs.Version && own.Parameters == theirs.Parameters
                          let both = Seeds(job, own).Intersect(Seeds(earlier, theirs))
                          where both is not null
                          select new Shared(own.Name, job.SamplesOf(own), both.Value)).ToList();
            if (shared.Count == 0) continue;
            if (warnings.Count == MaxNamed) more++;
            else if (!(await log.ReadAsync(earlier.Id, cancellationToken)).Deleted) warnings.Add(Text(job, earlier, shared));
        }

        if (more > 0) warnings.Add($"The seeds of {more} earlier jobs more overlap too.");
        return warnings;
    }

    // Seeds go further than indices, to 2^31 - 1.
    private static SeedRange Seeds(Job job, JobGenerator generator) =>
        new((long)job.Seed + job.StartIndex, (long)job.Seed + job.StartIndex + job.SamplesOf(generator));

    private static string Text(Job job, Job earlier, List<Shared> shared)
    {
        var (_, samples, both) = shared.MaxBy(static each => each.Seeds.Count)!;
        var names = string.Join(", ", shared.Select(static each => each.Name).Take(MaxGenerators))
            + (shared.Count > MaxGenerators ? $" and {shared.Count - MaxGenerators} more" : "");
        var free = earlier.Generators.Max(each => Seeds(earlier, each).End) - job.StartIndex;
        var last = free + job.StartIndex + job.Generators.Max(job.SamplesOf) - 1;
        var wayOut = last <= JobLimits.MaxSeed ? $"a seed of {free} or more" : "a smaller seed";
        return string.Create(CultureInfo.InvariantCulture,
            $"The job '{earlier.Id}' has {both.Count:N0} of the {samples:N0} samples of {names} too: sample i is drawn with seed + i, and both jobs draw the seeds {both.Start} to {both.End - 1}. Way out, if that is not meant: {wayOut}.");
    }

    /// <param name="Samples">Samples of the generator in the new job.</param>
    /// <param name="Seeds">Those that both jobs draw.</param>
    private sealed record Shared(string Name, int Samples, SeedRange Seeds);

    /// <param name="End">The seed behind the last.</param>
    private readonly record struct SeedRange(long Start, long End)
    {
        public long Count => End - Start;

        public SeedRange? Intersect(SeedRange other) =>
            new SeedRange(Math.Max(Start, other.Start), Math.Min(End, other.End)) is { Count: > 0 } both ? both : null;
    }
}
