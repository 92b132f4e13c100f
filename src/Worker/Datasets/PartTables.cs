using VmDataset.Pipeline.Datasets;

namespace VmDataset.Worker.Datasets;

/// <summary>The tables of a part while they are written: one in JSON lines and one in Parquet, or both for each split that has rows. An
/// empty file of JSON lines is none that loaders read, so a split without rows has no tables.</summary>
internal sealed class PartTables(Job job, DatasetPart part, DatasetFiles files) : IAsyncDisposable
{
    private readonly IReadOnlyList<RowColumn> _columns = RowColumn.Of(job);
    private readonly Dictionary<string, (JsonLinesWriter Lines, ParquetRowsWriter Table)> _writers = new(StringComparer.Ordinal);

    public async Task AddAsync(SampleRow row, CancellationToken cancellationToken)
    {
        var (lines, table) = await WriterAsync(row.Split, cancellationToken);
        lines.Add(row);
        await table.AddAsync(row, cancellationToken);
    }

    /// <summary>Writes what is left.</summary>
    /// <returns>The paths of the tables below the dataset's folder, by the order of the job's splits.</returns>
    public async Task<IReadOnlyList<string>> FinishAsync(CancellationToken cancellationToken)
    {
        if (job.Splits is null) await WriterAsync("", cancellationToken);
        foreach (var (_, table) in _writers.Values) await table.FinishAsync(cancellationToken);
        IEnumerable<string> splits = job.Splits is null ? [""] : job.SplitNames().Where(_writers.ContainsKey);
        return [.. splits.SelectMany(split => Paths(part, split))];
    }

    /// <summary>The paths of all tables that a part may have, also of those without rows.</summary>
    public static IEnumerable<string> PathsOf(Job job, DatasetPart part) =>
        job.Splits is null ? Paths(part, "") : job.SplitNames().SelectMany(split => Paths(part, split));

    public async ValueTask DisposeAsync()
    {
        foreach (var (lines, table) in _writers.Values)
        {
            await lines.DisposeAsync();
            await table.DisposeAsync();
        }

        _writers.Clear();
    }

    private static string[] Paths(DatasetPart part, string split) =>
        [part.PathOf(DatasetFiles.Lines, Named(split)), part.PathOf(DatasetFiles.Table, Named(split))];

    private static string? Named(string split) => split.Length == 0 ? null : split;

    private async ValueTask<(JsonLinesWriter Lines, ParquetRowsWriter Table)> WriterAsync(string split, CancellationToken cancellationToken)
    {
        if (_writers.TryGetValue(split, out var there)) return there;
        var paths = Paths(part, split);
        var table = await ParquetRowsWriter.CreateAsync(files.At(paths[1]), _columns, cancellationToken);
        return _writers[split] = (new JsonLinesWriter(files.At(paths[0]), _columns), table);
    }
}
