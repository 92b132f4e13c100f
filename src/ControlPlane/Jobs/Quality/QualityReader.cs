namespace VmDataset.ControlPlane.Jobs.Quality;

/// <summary>Judges a job's samples by their manifests and failure records; no sample is opened.</summary>
internal sealed class QualityReader(ManifestReader manifests, IObjectStore store, RecordWarnings warnings)
{
    private const int MostDuplicates = 20;
    private const int MostFailures = 1_000;

    public async Task<QualityView> ReadAsync(Job job, string generator, CancellationToken cancellationToken)
    {
        var distinct = new DistinctSamples();
        List<DuplicateView> duplicates = [];
        List<double> bytes = [], seconds = [];
        List<SampleRange> done = [];
        var videos = new VideoQuality();
        var reworded = new RewordedSamples();
        int repeated = 0, leftOut = 0, retried = 0;
        await foreach (var (manifest, record) in manifests.SamplesAsync(job, generator, cancellationToken: cancellationToken))
        {
            done.Add(new SampleRange(record.Index, 1));
            if (record.Excluded is not null)
            {
                leftOut++;
                continue;
            }

            if (distinct.Add(record.Fingerprint, record.Index) is { DuplicateOf: { } first })
            {
                repeated++;
                if (duplicates.Count < MostDuplicates) duplicates.Add(new DuplicateView(record.Index, first));
            }
            else
            {
                reworded.Add(record);
            }

            videos.Add(record);
            if (manifest.Attempt > 1) retried++;
            bytes.Add(record.Files.Sum(static file => (double)file.Bytes));
            seconds.Add(record.Seconds);
        }

        var (failed, truncated) = await FailedAsync(job, generator, RangeSet.Of(done), cancellationToken);
        return new QualityView
        {
            Generator = generator,
            Samples = distinct.Seen,
            Distinct = distinct.Count,
            Duplicates = new DuplicatesView { Count = repeated, First = duplicates },
            Reworded = reworded.View(),
            Excluded = leftOut,
            Failed = failed,
            FailedTruncated = truncated,
            Retried = retried,
            Videos = videos.View(),
            Bytes = DistributionView.Of(bytes),
            Seconds = DistributionView.Of(seconds),
        };
    }

    private async Task<(IReadOnlyList<FailedSamplesView> Failed, bool Truncated)> FailedAsync(
        Job job, string generator, RangeSet done, CancellationToken cancellationToken)
    {
        List<(FailureRecord Record, RangeSet Missing)> records = [];
        var truncated = false;
        await foreach (var entry in store.ListAsync(ObjectKeys.FailedPrefix(job.Id, generator), cancellationToken: cancellationToken))
        {
            if (!ObjectKeys.TryParseRange(entry.Key, out _, out var range)) continue;
            var missing = RangeSet.Of(range).Subtract(done);
            if (missing.IsEmpty) continue;
            if (truncated = records.Count == MostFailures) break;
            if (await FailureStore.ReadAsync(store, job, entry.Key, warnings, cancellationToken) is { } record) records.Add(
                (record, missing));
        }

        Dictionary<FailureKind, RangeSet> kinds = [];
        var told = RangeSet.Empty;
        // A range's first try leaves a record beside those of its parts: a sample is what it was last.
        foreach (var (record, missing) in records.OrderByDescending(static each => each.Record.FailedAt))
        {
            kinds[record.Kind] = kinds.GetValueOrDefault(record.Kind, RangeSet.Empty).Union(missing.Subtract(told));
            told = told.Union(missing);
        }

        return ([.. kinds.Where(static kind => !kind.Value.IsEmpty).OrderBy(static kind => kind.Key)
            .Select(static kind => new FailedSamplesView(kind.Key, kind.Value.SampleCount))], truncated);
    }
}
