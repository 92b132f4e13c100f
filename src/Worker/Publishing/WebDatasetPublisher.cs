using VmDataset.Pipeline.Deduplication;
using VmDataset.Worker.Samples;

namespace VmDataset.Worker.Publishing;

/// <summary>The <c>webdataset</c> format: samples are written to a tar in ascending order. A shard ends where an index is missing, where
/// the domain or the set of files changes, since every sample of a shard has the same fields, or where it is full. Shards of several
/// splits end together.</summary>
/// <param name="failed">Gets each sample whose files changed after they were read.</param>
internal sealed class WebDatasetPublisher(
    BatchMessage message, IObjectStore store, ProgressReader progress,
        Func<ShardWriter> shards, RangeQueue indices, Action<SampleFailure> failed) : IRangePublisher
{
    // Samples that may wait on disk for an earlier, slower one.
    private const int Window = 256;

    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly SortedDictionary<int, Sample?> _waiting = [];
    private List<FinishedRun> _runs = [];
    private readonly ChangeSignal _advanced = new();
    private volatile ShardGroup? _shard;
    private volatile Exception? _broken;

    public async Task WaitForRoomAsync(int index, CancellationToken cancellationToken)
    {
        while (true)
        {
            var advanced = _advanced.Next;
            // Nobody would ever make room.
            if (_broken is { } broken) throw new IOException("The samples before this one could not be stored.", broken);
            if (indices.Next is not { } next || index - next < Window) return;
            await advanced.WaitAsync(cancellationToken);
        }
    }

    public Task AddAsync(Sample sample, CancellationToken cancellationToken) => PlaceAsync(sample.Record.Index, sample, cancellationToken);

    public Task SkipAsync(int index, CancellationToken cancellationToken) => PlaceAsync(index, null, cancellationToken);

    public long PendingBytes => _shard?.Bytes ?? 0;

    public async Task<IReadOnlyList<FinishedRun>> TakeFinishedAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            var finished = _runs;
            _runs = [];
            return finished;
        }
        finally
        {
            _gate.Release();
        }
    }

    public async Task<IReadOnlyList<FinishedRun>> CompleteAsync(CancellationToken cancellationToken)
    {
        // What still waits comes after an index that was never drawn: it ends the shard as a failed one would. What could not be written
        // is not tried again, so that the samples before it are published.
        if (_broken is null)
        {
            foreach (var (_, sample) in _waiting) await WriteAsync(sample, cancellationToken);
            _waiting.Clear();
        }

        await FinishShardAsync(cancellationToken);
        return _runs;
    }

    public async ValueTask DisposeAsync()
    {
        if (_shard is not null) await _shard.DisposeAsync();
        foreach (var sample in _waiting.Values.OfType<Sample>()) Scratch.DeleteSoon(sample.Work);
        _gate.Dispose();
    }

    private async Task PlaceAsync(int index, Sample? sample, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            _waiting[index] = sample;
            while (_broken is null && indices.Next is { } next && _waiting.Remove(next, out var ready))
            {
                await WriteAsync(ready, cancellationToken);
                indices.Advance();
            }
        }
        catch (Exception exception)
        {
            _broken = exception;
            throw;
        }
        finally
        {
            _gate.Release();
            _advanced.Notify();
        }
    }

    private async Task WriteAsync(Sample? sample, CancellationToken cancellationToken)
    {
        if (sample is null)
        {
            await FinishShardAsync(cancellationToken);
            return;
        }

        try
        {
            if (_shard?.Takes(sample) == false) await FinishShardAsync(cancellationToken);
            try
            {
                await (_shard ??= NewGroup()).AddAsync(sample, cancellationToken);
            }
            catch (IOException) when (_shard is { Samples.Count: > 0 })
            {
                // The disk is full. The shard goes to the store without it, which makes room for the next one.
                await FinishShardAsync(cancellationToken);
                await (_shard = NewGroup()).AddAsync(sample, cancellationToken);
            }
        }
        catch (InvalidSampleException invalid)
        {
            await FinishShardAsync(cancellationToken);
            failed(new SampleFailure(sample.Record.Index, invalid.Kind, invalid.Message));
        }
        finally
        {
            Scratch.DeleteSoon(sample.Work);
        }
    }

    private async Task FinishShardAsync(CancellationToken cancellationToken)
    {
        if (_shard is not { } shard) return;
        _shard = null;
        await using (shard)
        {
            if (shard.Samples is []) return;
            var range = new SampleRange(shard.Samples[0].Index, shard.Samples.Count);
            // Another worker that was given the same message may have been faster: a second shard would repeat its samples.
            if ((await progress.MissingAsync(message, range, cancellationToken)).IsEmpty) return;
            List<Shard> stored = [];
            foreach (var (split, writer) in shard.Filled) stored.Add(await StoreAsync(writer, range, split, cancellationToken));
            _runs.Add(new FinishedRun(shard.Domain!, shard.Samples, OutputFormat.WebDataset, stored));
        }
    }

    private Task<Shard> StoreAsync(ShardWriter writer, SampleRange range, string? split, CancellationToken cancellationToken) =>
        SampleTar.StoreAsync(store, ObjectKeys.Shard(message.JobId, message.Name, range, split), writer.Finish(), split, cancellationToken);

    private ShardGroup NewGroup() => new(shards, message.Splits);
}
