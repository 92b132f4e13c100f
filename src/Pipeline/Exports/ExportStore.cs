using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;

namespace VmDataset.Pipeline.Exports;

/// <summary>
/// The records of a job's exports. What was asked for and what was made are two objects, each with one writer, so that neither can
/// replace the other.
/// </summary>
public sealed class ExportStore(IObjectStore store, RecordWarnings warnings)
{
    public Task<ExportRequestRecord?> FindRequestAsync(string jobId, string exportId, CancellationToken cancellationToken = default) =>
        FindAsync<ExportRequestRecord>(ObjectKeys.ExportRequest(jobId, exportId), cancellationToken);

    public Task PutRequestAsync(string jobId, ExportRequestRecord request, CancellationToken cancellationToken = default) =>
        store.PutJsonAsync(ObjectKeys.ExportRequest(jobId, request.Options.Id), request, cancellationToken: cancellationToken);

    public Task<ExportRecord?> FindAsync(string jobId, string exportId, CancellationToken cancellationToken = default) =>
        FindAsync<ExportRecord>(ObjectKeys.ExportResult(jobId, exportId), cancellationToken);

    /// <summary>Records an export whose files are there, or why there are none.</summary>
    public Task PutAsync(string jobId, ExportRecord record, CancellationToken cancellationToken = default) =>
        store.PutJsonAsync(ObjectKeys.ExportResult(jobId, record.Options.Id), record, cancellationToken: cancellationToken);

    /// <summary>A job's exports, in the order of their ids: those that were asked for, made, or both.</summary>
    public async Task<IReadOnlyList<(ExportRequestRecord? Request, ExportRecord? Made)>> AllAsync(
        string jobId, CancellationToken cancellationToken = default)
    {
        var prefix = ObjectKeys.ExportPrefix(jobId);
        var ids = await store.ListAsync(prefix, cancellationToken: cancellationToken)
            .Select(entry => entry.Key[prefix.Length..].Split('/')).Where(static parts => parts.Length == 2)
            .Select(static parts => parts[0]).Distinct().ToListAsync(cancellationToken);
        return await Task.WhenAll(ids.Select(async id =>
            (await FindRequestAsync(jobId, id, cancellationToken), await FindAsync(jobId, id, cancellationToken))));
    }

    private async Task<T?> FindAsync<T>(string key, CancellationToken cancellationToken)
        where T : class => (await store.TryGetJsonAsync<T>(key, cancellationToken)).OrWarn(warnings);
}
