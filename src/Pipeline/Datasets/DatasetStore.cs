using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;

namespace VmDataset.Pipeline.Datasets;

/// <summary>The records of a dataset: the dataset itself, its parts, and which of them were put on the queue.</summary>
public sealed class DatasetStore(IObjectStore store, RecordWarnings warnings)
{
    // By the listing of a job's manifests, which many readers share.
    private readonly ConditionalWeakTable<IReadOnlyCollection<RangeEntry>, Lazy<IReadOnlyList<(DatasetPart Part, string Key)>>> _keys = [];

    /// <summary>The dataset that was written last; null before the first one, and where its record cannot be read.</summary>
    public Task<DatasetRecord?> FindAsync(string jobId, CancellationToken cancellationToken = default) =>
        FindAsync<DatasetRecord>(ObjectKeys.Dataset(jobId), cancellationToken);

    /// <summary>Records a dataset whose files are there.</summary>
    /// <param name="jobId">The job.</param>
    /// <param name="record">The dataset; its number of tables is set here.</param>
    /// <param name="tables">The files about it in the folders of its generators.</param>
    /// <param name="cancellationToken">Ends it anywhere.</param>
    public async Task PutAsync(string jobId, DatasetRecord record, IReadOnlyList<DataFile> tables,
        CancellationToken cancellationToken = default)
    {
        if (tables.Count > 0) await store.PutJsonAsync(ObjectKeys.DatasetTables(jobId), tables, cancellationToken: cancellationToken);
        await store.PutJsonAsync(ObjectKeys.Dataset(jobId), record with { Tables = tables.Count }, cancellationToken: cancellationToken);
        await store.DeleteAsync(ObjectKeys.DatasetProblem(jobId), cancellationToken);
    }

    /// <summary>Withdraws the record of a dataset.</summary>
    public Task ForgetAsync(string jobId, CancellationToken cancellationToken = default) =>
        store.DeleteAsync(ObjectKeys.Dataset(jobId), cancellationToken);

    /// <summary>The files about a dataset: those at its root, then those in the folders of its generators.</summary>
    public async Task<IReadOnlyList<DataFile>> FilesAsync(
        string jobId, DatasetRecord record, CancellationToken cancellationToken = default) =>
        record.Tables == 0 ? record.Files
            : [.. record.Files, .. await store.GetJsonAsync<List<DataFile>>(ObjectKeys.DatasetTables(jobId), cancellationToken) ?? []];

    /// <summary>Records a part whose files are there, in place of its earlier records.</summary>
    public async Task PutPartAsync(string jobId, DatasetPart part, string of, DatasetPartRecord record,
        CancellationToken cancellationToken = default)
    {
        var key = ObjectKeys.DatasetPart(jobId, part.Id, of);
        await store.PutJsonAsync(key, record, cancellationToken: cancellationToken);
        await ForgetPartAsync(jobId, part, key, cancellationToken);
    }

    /// <summary>Withdraws the records of a part.</summary>
    /// <param name="jobId">The job.</param>
    /// <param name="part">The part.</param>
    /// <param name="except">The key of a record that stays.</param>
    /// <param name="cancellationToken">Ends it anywhere.</param>
    public async Task ForgetPartAsync(string jobId, DatasetPart part, string? except = null, CancellationToken cancellationToken = default)
    {
        var prefix = $"{ObjectKeys.DatasetPartPrefix(jobId)}{part.Id}/";
        await foreach (var entry in store.ListAsync(prefix, cancellationToken: cancellationToken))
            if (entry.Key != except) await store.DeleteAsync(entry.Key, cancellationToken);
    }

    /// <summary>The parts of a job that have a record of the data as it is.</summary>
    /// <param name="job">The job.</param>
    /// <param name="done">The ranges of the whole job that have a manifest.</param>
    /// <param name="cancellationToken">Ends it anywhere.</param>
    public async Task<DatasetParts> PartsAsync(Job job, IReadOnlyCollection<RangeEntry> done, CancellationToken cancellationToken = default)
    {
        var written = await PartKeysAsync(job.Id, cancellationToken);
        var keys = _keys.GetValue(done, each => new Lazy<IReadOnlyList<(DatasetPart Part, string Key)>>(() =>
            [.. KeysOf(job, each)])).Value;
        return new DatasetParts([.. keys.Select(each => (each.Part, each.Key, written.Contains(each.Key)))]);
    }

    /// <summary>
    /// Whether each part has a record, of the data as it is or as it was: one LIST, while <see cref="PartsAsync"/> needs the listing of all
    /// manifests.
    /// </summary>
    public async Task<bool> HaveAllRecordsAsync(Job job, CancellationToken cancellationToken = default)
    {
        var prefix = ObjectKeys.DatasetPartPrefix(job.Id);
        var parts = (await PartKeysAsync(job.Id, cancellationToken)).Select(key => key[prefix.Length..].Split('/')[0])
            .ToHashSet(StringComparer.Ordinal);
        return DatasetPart.Of(job).All(part => parts.Contains(part.Id));
    }

    /// <summary>The state of a part's data, by a LIST of its generator alone.</summary>
    /// <param name="job">The job.</param>
    /// <param name="part">A part of one generator.</param>
    /// <param name="cancellationToken">Ends it anywhere.</param>
    /// <returns>The state, and whether the part is written of it.</returns>
    public async Task<(string Of, bool IsWritten)> StateAsync(Job job, DatasetPart part, CancellationToken cancellationToken = default)
    {
        var (ranges, generator) = (new ManifestRanges([], []), part.Generator!.Name);
        await ranges.AddAsync(store, ObjectKeys.DonePrefix(job.Id, generator), startAfter: null, generator, cancellationToken);
        var of = DatasetIdentity.Of(job, part, ranges.Done);
        return (of, (await PartKeysAsync(job.Id, cancellationToken)).Contains(ObjectKeys.DatasetPart(job.Id, part.Id, of)));
    }

    private async Task<HashSet<string>> PartKeysAsync(string jobId, CancellationToken cancellationToken)
    {
        HashSet<string> keys = new(StringComparer.Ordinal);
        await foreach (var entry in store.ListAsync(ObjectKeys.DatasetPartPrefix(jobId), cancellationToken: cancellationToken))
            keys.Add(entry.Key);
        return keys;
    }

    private static IEnumerable<(DatasetPart, string)> KeysOf(Job job, IReadOnlyCollection<RangeEntry> done)
    {
        var byGenerator = done.ToLookup(static each => each.Generator, StringComparer.Ordinal);
        foreach (var part in DatasetPart.Of(job))
        {
            var its = part.Generator is { } one ? byGenerator[one.Name] : done;
            yield return (part, ObjectKeys.DatasetPart(job.Id, part.Id, DatasetIdentity.Of(job, part, its)));
        }
    }

    /// <summary>Reads the record of a part that is written.</summary>
    /// <exception cref="UnreadableRecordException">The record cannot be read.</exception>
    public async Task<DatasetPartRecord> ReadPartAsync(string key, CancellationToken cancellationToken = default) =>
        await store.GetJsonAsync<DatasetPartRecord>(key, cancellationToken) ?? throw new UnreadableRecordException(key, "it is gone.");

    /// <summary>The parts that were put on the queue; null if none was.</summary>
    public Task<DatasetDispatch?> FindDispatchAsync(string jobId, CancellationToken cancellationToken = default) =>
        FindAsync<DatasetDispatch>(ObjectKeys.DatasetDispatch(jobId), cancellationToken);

    public Task PutDispatchAsync(string jobId, DatasetDispatch dispatch, CancellationToken cancellationToken = default) =>
        store.PutJsonAsync(ObjectKeys.DatasetDispatch(jobId), dispatch, cancellationToken: cancellationToken);

    /// <summary>The reason why a part could not be written; null if there is none.</summary>
    public Task<DatasetProblem?> FindProblemAsync(string jobId, CancellationToken cancellationToken = default) =>
        FindAsync<DatasetProblem>(ObjectKeys.DatasetProblem(jobId), cancellationToken);

    public Task PutProblemAsync(string jobId, DatasetProblem problem, CancellationToken cancellationToken = default) =>
        store.PutJsonAsync(ObjectKeys.DatasetProblem(jobId), problem, cancellationToken: cancellationToken);

    private async Task<T?> FindAsync<T>(string key, CancellationToken cancellationToken)
        where T : class => (await store.TryGetJsonAsync<T>(key, cancellationToken)).OrWarn(warnings);
}

/// <summary>The parts of a dataset, each with the key of its record and whether that is there.</summary>
public sealed record DatasetParts(IReadOnlyList<(DatasetPart Part, string Key, bool IsWritten)> All)
{
    public int Written => All.Count(static each => each.IsWritten);

    public bool AreAllWritten => Written == All.Count;
}
