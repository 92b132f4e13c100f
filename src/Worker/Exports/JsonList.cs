namespace VmDataset.Worker.Exports;

/// <summary>A JSON list that is written element by element, one a line.</summary>
internal sealed class JsonList(StreamWriter text)
{
    private bool _hasElements;

    public Task AddAsync<T>(T element)
    {
        var start = _hasElements ? ",\n" : "[\n";
        _hasElements = true;
        return text.WriteAsync(start + ExportFolder.Json(element));
    }

    public Task EndAsync() => text.WriteAsync(_hasElements ? "\n]\n" : "[]\n");
}
