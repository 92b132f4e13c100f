using VmDataset.Pipeline.Datasets;
using VmDataset.Worker.Datasets;

namespace VmDataset.Worker.Exports;

/// <summary>VBVR-Dataset: its table of ten columns, whose paths are members of tars, and links to the tars in one folder.</summary>
internal sealed class VbvrDatasetWriter(ExportFolder folder) : ExportWriter
{
    private readonly string _path = folder.At("data/metadata.parquet");
    private readonly LinkList _links = new(folder);
    private readonly HashSet<string> _tars = new(StringComparer.Ordinal);
    private ParquetRowsWriter? _table;
    private Manifest? _manifest;
    private long _id;

    public override async ValueTask AddAsync(ExportSample sample, CancellationToken cancellationToken)
    {
        // Samples of several splits alternate between the tars of their manifest. No other manifest has the same tars.
        if (!ReferenceEquals(_manifest, sample.Row.Finished.Manifest)) _tars.Clear();
        _manifest = sample.Row.Finished.Manifest;
        if (_tars.Add(sample.Row.Shard)) await _links.AddAsync(TarOf(sample.Row), sample.Row.Shard);
        _table ??= await ParquetRowsWriter.CreateAsync(_path, Columns(), cancellationToken);
        await _table.AddAsync(sample.Row, cancellationToken);
    }

    public override async Task FinishAsync(CancellationToken cancellationToken)
    {
        await _table!.FinishAsync(cancellationToken);
        // Its end is written then.
        await _table.DisposeAsync();
        _table = null;
        await _links.EndAsync(cancellationToken);
    }

    public override async ValueTask DisposeAsync()
    {
        if (_table is not null) await _table.DisposeAsync();
        await base.DisposeAsync();
    }

    private RowColumn[] Columns() =>
    [
        // The writer asks for it once a row.
        RowColumn.Of("id", "The row's number.", _ => _id++),
        RowColumn.Of("generator", "The generator.", static row => row.Generator.Name),
        RowColumn.Of("task", "The folder of the task.", static row => $"{row.Domain}_task"),
        RowColumn.Of("sample_id", "The sample's name.", static row => row.Name),
        RowColumn.Of("prompt", "The task in words.", static row => row.Record.Prompt!.Trim()),
        RowColumn.Of("metadata_json", "What the generator drew.", static row => row.Record.Parameters ?? ""),
        RowColumn.Of("first_frame_path", "A member of the tar.", static row => row.FirstFrame),
        RowColumn.Of("final_frame_path", "A member of the tar; empty if there is none.", static row => row.FinalFrame),
        RowColumn.Of("ground_truth_video_path", "A member of the tar.", static row => row.Video),
        RowColumn.Of("tar_file", "The tar.", TarOf),
    ];

    // A shard's name begins with its generator's, so all of them fit into one folder.
    private static string TarOf(SampleRow row) => $"tars/{Path.GetFileName(row.Shard)}";
}
