namespace VmDataset.ControlPlane.Planning;

/// <summary>
/// What a job has taken so far, from the heads of its manifests. It writes nothing and lists nothing. A job of many manifests is reckoned
/// from some of them, evenly spread; those are read once.
/// </summary>
internal sealed class UsageReader(IObjectStore store)
{
    // Of one job, in one reading of it. A job of as many batches is measured in full.
    private const int MaxManifests = 24;
    private const int MaxJobs = 500;
    private const int Parallelism = 8;

    private readonly ConcurrentDictionary<string, ConcurrentDictionary<RangeEntry, ManifestHead>> _known = new(StringComparer.Ordinal);

    /// <summary>The usage of each generator that has finished samples, in the order of the job's generators.</summary>
    /// <param name="job">The job.</param>
    /// <param name="read">Its progress.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<IReadOnlyList<GeneratorUsage>> ReadAsync(Job job, JobProgress read, CancellationToken cancellationToken)
    {
        if (_known.Count >= MaxJobs) _known.Clear();
        var known = _known.GetOrAdd(job.Id, static _ => new());
        var done = read.Done;
        var chosen = done.Count <= MaxManifests ? done.ToHashSet()
            : Enumerable.Range(0, MaxManifests).Select(i => done[(int)((long)i * (done.Count - 1) / (MaxManifests - 1))]).ToHashSet();
        await Parallel.ForEachAsync(chosen.Where(entry => !known.ContainsKey(entry)),
            new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken }, async (entry, stop) =>
            {
                var key = ObjectKeys.Done(job.Id, entry.Generator, entry.Range);
                if (await ManifestHead.ReadAsync(store, key, stop) is { NumSamples: > 0 } head) known[entry] = head;
            });
        // Those of another reading may be gone meanwhile.
        foreach (var former in known.Keys.Where(entry => !chosen.Contains(entry))) known.TryRemove(former, out _);
        var heads = known.Values.ToLookup(static head => head.Generator, StringComparer.Ordinal);
        Dictionary<string, long> samples = new(StringComparer.Ordinal);
        foreach (var entry in done) CollectionsMarshal.GetValueRefOrAddDefault(samples, entry.Generator, out _) += entry.Range.Count;
        return [.. job.Generators.Where(generator => heads.Contains(generator.Name)).Select(generator => GeneratorUsage.Of(generator.Name,
            [.. heads[generator.Name]], samples[generator.Name],
            read.Generators.First(each => each.Name == generator.Name).Samples.Failed))];
    }
}

/// <summary>What a generator's samples have taken.</summary>
internal sealed record GeneratorUsage
{
    // A sample is given up after so many draws, each of which takes as long as a good one: nothing else is known of them.
    private const int DrawsOfFailedSample = JobLimits.MaxAttempts;

    public required string Name { get; init; }

    /// <summary>Samples that have a manifest; one that was drawn twice counts twice.</summary>
    public required long Samples { get; init; }

    /// <summary>Samples given up.</summary>
    public required long Failed { get; init; }

    /// <summary>Samples whose manifests were read.</summary>
    public required long Measured { get; init; }

    /// <summary>Seconds of lanes, those of failed samples included.</summary>
    public required double LaneSeconds { get; init; }

    public required double SecondsPerSample { get; init; }

    public required double Files { get; init; }

    public required double Bytes { get; init; }

    public static GeneratorUsage Of(string name, IReadOnlyCollection<ManifestHead> heads, long samples, long failed)
    {
        var measured = heads.Sum(static head => (long)head.NumSamples);
        var (seconds, share) = (heads.Sum(static head => head.Seconds) / measured, (double)samples / measured);
        return new GeneratorUsage
        {
            Name = name,
            Samples = samples,
            Failed = failed,
            Measured = measured,
            SecondsPerSample = seconds,
            LaneSeconds = seconds * (samples + (failed * DrawsOfFailedSample)),
            Files = heads.Sum(static head => (double)head.Files) * share,
            Bytes = heads.Sum(static head => (double)head.Bytes) * share,
        };
    }
}
