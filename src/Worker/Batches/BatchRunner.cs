using VmDataset.Worker.Publishing;
using VmDataset.Worker.Samples;

namespace VmDataset.Worker.Batches;

/// <summary>Draws the samples of a message on all lanes, publishes them meanwhile, and writes their manifests.</summary>
public sealed class BatchRunner(SampleRunner samples, IObjectStore store, ProgressReader progress, WorkerOptions options, TimeProvider time)
{
    // Time kept for publishing, manifests and the hand-over before a host is ended.
    private static readonly TimeSpan HandOverMargin = TimeSpan.FromSeconds(20);

    // A shard that is still to be hashed and uploaded takes more time: a slow network is reckoned with.
    private const double PublishedBytesPerSecond = 30e6;

    // A worker that dies loses the samples without a manifest.
    private static readonly TimeSpan ManifestInterval = TimeSpan.FromSeconds(60);

    // While every lane draws, as many finished samples are read and uploaded; more would only fill memory and disk.
    private int Concurrency => (2 * options.Lanes) + 2;

    /// <summary>Whatever ends it early, what was finished has its manifest when this returns.</summary>
    /// <param name="confirm">Throws when a manifest may not be written any more.</param>
    /// <exception cref="OperationCanceledException">The lease was lost, or the time to store after a halt is over.</exception>
    public async Task<BatchRun> DrawAsync(
        BatchMessage message, GeneratorInfo generator, RangeSet missing, BatchBounds bounds, Func<CancellationToken, Task> confirm)
    {
        using var limit = new CancellationTokenSource(TimeLeft(bounds.Deadline, 0), time);
        using var halt = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, bounds.Stop, bounds.LeaseLost);
        TimeSpan? timeout = message.TimeoutSeconds is { } limitSeconds ? TimeSpan.FromSeconds(limitSeconds) : null;
        ConcurrentBag<SampleFailure> failures = [];
        await using var publisher = PublisherFor(message, missing, failures.Add);

        var span = Instrumentation.Activities.StartActivity("draw");
        var drawing = Parallel.ForEachAsync(Indices(missing, halt.Token), new ParallelOptions { MaxDegreeOfParallelism = Concurrency },
            async (index, _) =>
        {
            try
            {
                await publisher.WaitForRoomAsync(index, halt.Token);
                var (sample, failure) = await samples.DrawAsync(generator, index, message.Seed, message.JobId, timeout, message.Video,
                    halt.Token);
                // A sample that was drawn is published even if the halt comes meanwhile.
                if (sample is not null)
                {
                    await publisher.AddAsync(sample, bounds.LeaseLost);
                    if (publisher.PendingBytes is > 0 and var pending) limit.CancelAfter(TimeLeft(bounds.Deadline, pending));
                    return;
                }

                failures.Add(failure!);
                await publisher.SkipAsync(index, bounds.LeaseLost);
            }
            catch (OperationCanceledException) when (halt.IsCancellationRequested)
            {
                // The index stays unfinished and is handed over.
            }
        });

        var done = RangeSet.Empty;
        var (seconds, bytes) = (0.0, 0L);
        List<FinishedRun> unrecorded = [];
        await RecordMeanwhileAsync();

        // A sample that could not be stored does not take its finished siblings with it.
        await drawing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        span?.Dispose();
        using var publishing = Instrumentation.Activities.StartActivity("publish");
        unrecorded.AddRange(await publisher.CompleteAsync(bounds.LeaseLost));
        await RecordAsync();

        await drawing;
        await samples.SettleAsync(generator, timeout, halt.Token);
        var failed = RangeSet.Of(failures.Select(static failure => new SampleRange(failure.Index, 1)));
        return new BatchRun((int)done.SampleCount, [.. failures], missing.Subtract(done).Subtract(failed), limit.IsCancellationRequested)
        {
            Seconds = seconds,
            Bytes = bytes,
        };

        async Task RecordMeanwhileAsync()
        {
            using var interval = new PeriodicTimer(ManifestInterval, time);
            try
            {
                while (await Task.WhenAny(drawing, interval.WaitForNextTickAsync().AsTask()) != drawing)
                {
                    unrecorded.AddRange(await publisher.TakeFinishedAsync(bounds.LeaseLost));
                    await RecordAsync();
                }
            }
            catch (Exception)
            {
                // Samples are being drawn; after them the rest is recorded, or fails again.
            }
        }

        async Task RecordAsync()
        {
            for (; unrecorded.Count > 0; unrecorded.RemoveAt(0))
            {
                await confirm(bounds.LeaseLost);
                bounds.LeaseLost.ThrowIfCancellationRequested();
                var manifest = await FinishAsync(message, generator, unrecorded[0], bounds.LeaseLost);
                done = done.Union(RangeSet.Of(new SampleRange(manifest.StartIndex, manifest.NumSamples)));
                (seconds, bytes) = (seconds + manifest.Seconds, bytes + manifest.Bytes);
            }
        }
    }

    private TimeSpan TimeLeft(DateTimeOffset? deadline, long pendingBytes)
    {
        if (deadline is not { } end) return Timeout.InfiniteTimeSpan;
        var left = end - time.GetUtcNow() - HandOverMargin - TimeSpan.FromSeconds(pendingBytes / PublishedBytesPerSecond);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private IRangePublisher PublisherFor(BatchMessage message, RangeSet missing, Action<SampleFailure> failed) =>
        message.OutputFormat switch
        {
            OutputFormat.Files => new FilesPublisher(message, store, failed),
            OutputFormat.WebDataset => new WebDatasetPublisher(message, store, progress,
                () => new ShardWriter(Path.Combine(options.ScratchDir, "shards", $"{Guid.NewGuid():N}.tar")), new RangeQueue(missing),
                    failed),
            _ => throw new ArgumentOutOfRangeException(nameof(message), message.OutputFormat, "Unknown output format."),
        };

    private static IEnumerable<int> Indices(RangeSet ranges, CancellationToken halt)
    {
        foreach (var range in ranges)
        {
            for (var index = range.Start; index < range.End; index++)
            {
                if (halt.IsCancellationRequested) yield break;
                yield return index;
            }
        }
    }

    private async Task<Manifest> FinishAsync(BatchMessage message, GeneratorInfo generator, FinishedRun run,
        CancellationToken cancellationToken)
    {
        var range = new SampleRange(run.Samples[0].Index, run.Samples.Count);
        var manifest = new Manifest
        {
            Generator = message.Name,
            Version = generator.Version,
            Commit = generator.Commit,
            Domain = run.Domain,
            StartIndex = range.Start,
            NumSamples = range.Count,
            BaseSeed = message.Seed,
            Parameters = message.Parameters,
            OutputFormat = run.Format,
            Files = run.Samples.Sum(static sample => sample.Files.Count),
            Bytes = run.Samples.Sum(static sample => sample.Files.Sum(static file => file.Bytes)),
            Seconds = Math.Round(run.Samples.Sum(static sample => sample.Seconds), 3),
            CpuSeconds = Math.Round(run.Samples.Sum(static sample => sample.CpuSeconds), 3),
            MaxRssMb = run.Samples.Max(static sample => sample.MaxRssMb),
            FinishedAt = time.GetUtcNow(),
            Attempt = message.Attempt,
            Worker = options.Name,
            Shard = run.Shards is [{ Split: null } whole] ? whole : null,
            Shards = run.Shards is [{ Split: not null }, ..] parts ? parts : null,
            Samples = run.Samples,
        };
        var key = ObjectKeys.Done(message.JobId, message.Name, range);
        // Another worker with the same message may have finished it, perhaps in other ranges, and its samples may be a dataset already.
        var finished = (await progress.MissingAsync(message, range, cancellationToken)).IsEmpty;
        if (!finished && await store.PutJsonAsync(key, manifest, ifAbsent: true, cancellationToken)) return manifest;
        var there = await store.TryGetJsonAsync<Manifest>(key, cancellationToken);
        // What a power cut has left of a manifest is in nobody's way.
        if (there.Unreadable is not null) await store.PutJsonAsync(key, manifest, cancellationToken: cancellationToken);
        else if (there.Value is not null && await new StoredRange(store).DescribeAsync(message.JobId, manifest) is { } stored)
            await store.PutJsonAsync(key, stored, cancellationToken: cancellationToken);
        return manifest;
    }
}

/// <param name="Done">Samples with a manifest.</param>
/// <param name="Unfinished">Indices that were not drawn, or not to their end.</param>
public sealed record BatchRun(int Done, IReadOnlyCollection<SampleFailure> Failures, RangeSet Unfinished, bool DeadlineReached)
{
    /// <summary>Seconds that lanes spent on the samples that are done.</summary>
    public double Seconds { get; init; }

    /// <summary>Bytes of their files.</summary>
    public long Bytes { get; init; }
}
