namespace VmDataset.ControlPlane.Jobs.Samples;

/// <summary>The finished samples of a job, without opening an object: each by its number among all that the job may ever draw.</summary>
internal sealed class FinishedSamples
{
    private readonly int _start;
    private readonly List<Drawn> _generators = [];

    /// <param name="job">The job.</param>
    /// <param name="read">How far it is.</param>
    /// <param name="filter">Those of its generators alone.</param>
    public FinishedSamples(Job job, JobProgress read, SampleFilter filter)
    {
        _start = job.StartIndex;
        var done = read.Done.ToLookup(static each => each.Generator, static each => each.Range, StringComparer.Ordinal);
        foreach (var generator in filter.GeneratorsOf(job))
        {
            var end = job.EndOfDrawing(generator);
            _generators.Add(new Drawn(generator.Name, Total, ManifestMap.Of(done[generator.Name], _start, end)));
            Total += end - _start;
        }
    }

    /// <summary>All that may ever be drawn: it does not change while the job goes on.</summary>
    public long Total { get; private set; }

    /// <summary>The finished samples from a place of a seeded order on, and the place behind them; null if there are none behind.</summary>
    public (IReadOnlyList<PlacedSample> Samples, long? Next) Page(int seed, long from, int limit)
    {
        var order = new SeededPermutation(Total, seed);
        from = Math.Min(from, Total);
        var last = Math.Min(Total, from + ShuffledSampleReader.MaxPlaces);
        List<PlacedSample> page = [];
        HashSet<(string, SampleRange)> manifests = [];
        var (records, next) = (0, from);
        for (var place = from; place < last; place++)
        {
            if (Find(order[place], place) is not { } sample) continue;
            // One more is looked for, as the page might be the last.
            if (page.Count == limit) return (page, next);
            if (manifests.Add((sample.Generator, sample.Manifest)))
            {
                records += sample.Manifest.Count;
                if (records > ShuffledSampleReader.MaxRecords && page.Count > 0) return (page, next);
            }

            page.Add(sample);
            next = place + 1;
        }

        return (page, last == Total ? null : page.Count == limit ? next : last);
    }

    private PlacedSample? Find(long number, long place)
    {
        var (low, high) = (0, _generators.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (_generators[middle].First <= number) low = middle;
            else high = middle - 1;
        }

        var generator = _generators[low];
        var index = _start + (int)(number - generator.First);
        return generator.Manifests.Find(index) is { } manifest ? new PlacedSample(generator.Name, index, manifest, place)
            : null;
    }

    /// <param name="First">The number of its first sample.</param>
    private sealed record Drawn(string Name, long First, ManifestMap Manifests);
}

/// <summary>A sample, the range of the manifest that has it, and its place in the order.</summary>
internal readonly record struct PlacedSample(string Generator, int Index, SampleRange Manifest, long Place);
