using VmDataset.Pipeline.Datasets;

namespace VmDataset.Worker.Datasets;

/// <summary>Files about a dataset while they are written: they lie in a temporary folder, by their paths below the dataset's.</summary>
internal sealed class DatasetFiles : IDisposable
{
    public const string Lines = "metadata.jsonl";
    public const string Table = "metadata.parquet";
    public const string Card = "README.md";
    public const string Description = "croissant.json";
    public const string Sums = "SHA256SUMS";

    public static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vm-dataset-");

    public static string SumLine(DataFile file) => $"{file.Sha256}  {file.Path}";

    /// <summary>Where to write a file.</summary>
    public string At(string path)
    {
        var target = Path.Combine(_folder.FullName, path);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        return target;
    }

    /// <summary>Writes a text.</summary>
    public async Task<DataFile> WriteAsync(string path, string content, CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(At(path), content, Utf8, cancellationToken);
        return await DescribeAsync(path, cancellationToken);
    }

    /// <summary>The size and checksum of a file that is written.</summary>
    public async Task<DataFile> DescribeAsync(string path, CancellationToken cancellationToken)
    {
        await using var content = File.OpenRead(At(path));
        return new DataFile(path, content.Length, Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancellationToken)));
    }

    /// <summary>Stores the files in a job's data folder.</summary>
    public async Task StoreAsync(IObjectStore store, string jobId, IEnumerable<DataFile> files, CancellationToken cancellationToken)
    {
        foreach (var file in files) await store.PutFileAsync(ObjectKeys.DatasetFile(jobId, file.Path), At(file.Path), cancellationToken);
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
