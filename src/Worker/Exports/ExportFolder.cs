using VmDataset.Pipeline.Datasets;
using VmDataset.Pipeline.Exports;
using VmDataset.Worker.Datasets;

namespace VmDataset.Worker.Exports;

/// <summary>The files of an export while they are written, in a temporary folder.</summary>
/// <param name="options">The export.</param>
internal sealed class ExportFolder(ExportOptions options) : IAsyncDisposable
{
    // Some loaders open JSON in the encoding of the machine's language; escaped text is the same in all of them.
    private static readonly JsonSerializerOptions Ascii = new();
    private static readonly JsonSerializerOptions AsciiIndented = new() { WriteIndented = true, NewLine = "\n" };

    private readonly DatasetFiles _files = new();
    private readonly List<StreamWriter> _open = [];
    private readonly List<string> _names = [];

    public static string Json<T>(T value) => JsonSerializer.Serialize(value, Ascii);

    public static string IndentedJson<T>(T value) => JsonSerializer.Serialize(value, AsciiIndented);

    /// <summary>Opens a text for writing, which <see cref="CloseAsync"/> closes.</summary>
    public StreamWriter Open(string name)
    {
        var text = new StreamWriter(At(name), append: false, DatasetFiles.Utf8, 1 << 16) { NewLine = "\n" };
        _open.Add(text);
        return text;
    }

    /// <summary>Where to write a file of the export.</summary>
    public string At(string name)
    {
        _names.Add($"{options.Folder}/{name}");
        return _files.At(_names[^1]);
    }

    public Task WriteAsync(string name, string content, CancellationToken cancellationToken) =>
        File.WriteAllTextAsync(At(name), content, DatasetFiles.Utf8, cancellationToken);

    /// <summary>Closes the texts and stores all files.</summary>
    public async Task<IReadOnlyList<DataFile>> StoreAsync(IObjectStore store, string jobId, CancellationToken cancellationToken)
    {
        await CloseAsync();
        List<DataFile> files = [];
        foreach (var name in _names.Order(StringComparer.Ordinal)) files.Add(await _files.DescribeAsync(name, cancellationToken));
        await _files.StoreAsync(store, jobId, files, cancellationToken);
        return files;
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _files.Dispose();
    }

    private async Task CloseAsync()
    {
        foreach (var text in _open) await text.DisposeAsync();
        _open.Clear();
    }
}
