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
    private readonly List<long?>[] _missingOrNumbers;
    private readonly List<double?>[] _missingOrFractions;
    private int _rows;
    private long _letters;

    private ParquetRowsWriter(IReadOnlyList<RowColumn> columns, ParquetSchema schema, FileStream file, ParquetWriter parquet)
    {
        (_columns, _schema, _file, _parquet) = (columns, schema, file, parquet);
        _texts = [.. columns.Select(static _ => new List<string>())];
        _numbers = [.. columns.Select(static _ => new List<long>())];
        _missingOrNumbers = [.. columns.Select(static _ => new List<long?>())];
        _missingOrFractions = [.. columns.Select(static _ => new List<double?>())];
    }

    public static async Task<ParquetRowsWriter> CreateAsync(
        string path, IReadOnlyList<RowColumn> columns, CancellationToken cancellationToken)
    {
        var schema = new ParquetSchema(columns.Select(static Field (column) => column.Text is not null
            ? new DataField<string>(column.Name, false)
            : column.Number is not null ? new DataField<long>(column.Name, false)
            : column.MissingOrNumber is not null ? new DataField<long>(column.Name, true) : new DataField<double>(column.Name, true)));
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
                if (_columns[i].Number is { } number) _numbers[i].Add(number(row));
                else if (_columns[i].MissingOrNumber is { } whole) _missingOrNumbers[i].Add(whole(row));
                else _missingOrFractions[i].Add(_columns[i].MissingOrFraction!(row));
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
            var (column, field) = (_columns[i], _schema.DataFields[i]);
            if (column.Text is not null) await group.WriteAsync(field, _texts[i]);
            else if (column.Number is not null)
                await group.WriteAsync<long>(field, _numbers[i].ToArray(), cancellationToken: cancellationToken);
            else if (column.MissingOrNumber is not null) await group.WriteAsync<long>(
                field, new ReadOnlyMemory<long?>([.. _missingOrNumbers[i]]), cancellationToken: cancellationToken);
            else await group.WriteAsync<double>(
                field, new ReadOnlyMemory<double?>([.. _missingOrFractions[i]]), cancellationToken: cancellationToken);
            _numbers[i].Clear();
            _missingOrNumbers[i].Clear();
            _missingOrFractions[i].Clear();
            _texts[i].Clear();
        }

        group.CompleteValidate();
        (_rows, _letters) = (0, 0);
    }
}
