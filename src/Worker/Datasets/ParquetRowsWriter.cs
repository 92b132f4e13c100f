using Parquet;
using Parquet.Schema;
using VmDataset.Pipeline.Datasets;

namespace VmDataset.Worker.Datasets;

/// <summary>Writes <c>metadata.parquet</c>, row group by row group, so that what is held in memory is bounded.</summary>
internal sealed class ParquetRowsWriter : IAsyncDisposable
{
    private const int MaxRows = 10_000;
    private const int MaxLetters = 8 << 20;

    private readonly IReadOnlyList<RowColumn> _columns;
    private readonly ParquetSchema _schema;
    private readonly FileStream _file;
    private readonly ParquetWriter _parquet;
    private readonly List<string>[] _texts;
    private readonly List<long>[] _numbers;
    private int _rows;
    private long _letters;

    private ParquetRowsWriter(IReadOnlyList<RowColumn> columns, ParquetSchema schema, FileStream file, ParquetWriter parquet)
    {
        (_columns, _schema, _file, _parquet) = (columns, schema, file, parquet);
        _texts = [.. columns.Select(static _ => new List<string>())];
        _numbers = [.. columns.Select(static _ => new List<long>())];
    }

    public static async Task<ParquetRowsWriter> CreateAsync(
        string path, IReadOnlyList<RowColumn> columns, CancellationToken cancellationToken)
    {
        var schema = new ParquetSchema(columns.Select(static Field (column) =>
            column.Text is null ? new DataField<long>(column.Name, false) : new DataField<string>(column.Name, false)));
        var file = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
        return new ParquetRowsWriter(columns, schema, file,
            await ParquetWriter.CreateAsync(schema, file, cancellationToken: cancellationToken));
    }

    public async ValueTask AddAsync(SampleRow row, CancellationToken cancellationToken)
    {
        for (var i = 0; i < _columns.Count; i++)
        {
            if (_columns[i].Text is not { } text)
            {
                _numbers[i].Add(_columns[i].Number!(row));
                continue;
            }

            var value = text(row);
            _letters += value.Length;
            _texts[i].Add(value);
        }

        if (++_rows >= MaxRows || _letters >= MaxLetters) await EndGroupAsync(cancellationToken);
    }

    /// <summary>Writes what is left. Without it the file is no Parquet file.</summary>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        if (_rows > 0) await EndGroupAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _parquet.DisposeAsync();
        await _file.DisposeAsync();
    }

    private async Task EndGroupAsync(CancellationToken cancellationToken)
    {
        using var group = _parquet.CreateRowGroup();
        for (var i = 0; i < _columns.Count; i++)
        {
            if (_columns[i].Text is null) await group.WriteAsync<long>(
                _schema.DataFields[i], _numbers[i].ToArray(), cancellationToken: cancellationToken);
            else await group.WriteAsync(_schema.DataFields[i], _texts[i]);
            _numbers[i].Clear();
            _texts[i].Clear();
        }

        group.CompleteValidate();
        (_rows, _letters) = (0, 0);
    }
}
