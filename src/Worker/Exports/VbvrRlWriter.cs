using VmDataset.Worker.Datasets;

namespace VmDataset.Worker.Exports;

/// <summary>vbvr-rl: a table of <c>video</c>, <c>prompt</c> and <c>image</c>, and a list that names it. The paths of the list are relative
/// to the list's own folder.</summary>
internal sealed class VbvrRlWriter(ExportFolder folder) : ExportWriter
{
    private static readonly RowColumn[] Columns =
    [
        RowColumn.Of("video", "The video, relative to the root.", static row => row.Video),
        RowColumn.Of("prompt", "The task in words.", static row => row.Record.Prompt!.Trim()),
        RowColumn.Of("image", "The first frame, relative to the root.", static row => row.FirstFrame),
    ];

    private readonly string _path = folder.At("train.parquet");
    private ParquetRowsWriter? _table;

    public override async ValueTask AddAsync(ExportSample sample, CancellationToken cancellationToken)
    {
        _table ??= await ParquetRowsWriter.CreateAsync(_path, Columns, cancellationToken);
        await _table.AddAsync(sample.Row, cancellationToken);
    }

    public override async Task FinishAsync(CancellationToken cancellationToken)
    {
        await _table!.FinishAsync(cancellationToken);
        // Its end is written then.
        await _table.DisposeAsync();
        _table = null;
        var list = new[] { new { data_path = "train.parquet", root = "../.." } };
        await folder.WriteAsync("dataset.json", ExportFolder.IndentedJson(list) + "\n", cancellationToken);
    }

    public override async ValueTask DisposeAsync()
    {
        if (_table is not null) await _table.DisposeAsync();
        await base.DisposeAsync();
    }
}
