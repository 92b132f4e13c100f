namespace VmDataset.Bench.Scale.Jobs;

/// <summary>The folder of the local backend's object store.</summary>
internal sealed class FolderFill(string dataDir) : IStoreFill
{
    private readonly string _root = Path.Combine(dataDir, "store");
    private readonly string _temporary = Directory.CreateDirectory(Path.Combine(dataDir, "fill")).FullName;
    private string _folder = "";

    public void Add(FabricatedObject added, DateTimeOffset at)
    {
        var path = Path.Combine(_root, added.Key);
        var folder = Path.GetDirectoryName(path)!;
        if (folder != _folder) Directory.CreateDirectory(_folder = folder);
        var temporary = Path.Combine(_temporary, Path.GetFileName(path));
        File.WriteAllBytes(temporary, added.Content());
        File.SetLastWriteTimeUtc(temporary, at.UtcDateTime);
        File.Move(temporary, path, overwrite: true);
    }
}
