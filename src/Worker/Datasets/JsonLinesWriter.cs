using VmDataset.Pipeline.Datasets;

namespace VmDataset.Worker.Datasets;

/// <summary>Writes <c>metadata.jsonl</c>: one object a line, the same keys in each.</summary>
internal sealed class JsonLinesWriter(string path, IReadOnlyList<RowColumn> columns) : IAsyncDisposable
{
    private readonly FileStream _file = new(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 17);
    private readonly Utf8JsonWriter _json = new(Stream.Null, new JsonWriterOptions { Encoder = WireJson.Options.Encoder });

    public void Add(SampleRow row)
    {
        _json.Reset(_file);
        _json.WriteStartObject();
        foreach (var column in columns)
        {
            if (column.Text is { } text) _json.WriteString(column.Name, text(row));
            else if (column.Number is { } number) _json.WriteNumber(column.Name, number(row));
            else if (column.MissingOrNumber?.Invoke(row) is { } whole) _json.WriteNumber(column.Name, whole);
            else if (column.MissingOrFraction?.Invoke(row) is { } fraction) _json.WriteNumber(column.Name, fraction);
            else _json.WriteNull(column.Name);
        }

        _json.WriteEndObject();
        _json.Flush();
        _file.WriteByte((byte)'\n');
    }

    public async ValueTask DisposeAsync()
    {
        await _json.DisposeAsync();
        await _file.DisposeAsync();
    }
}
