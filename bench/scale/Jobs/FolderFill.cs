namespace VmDataset.Bench.Scale.Jobs;

/// <summary>The folder of the local backend's object store.</summary>
internal sealed class FolderFill(string dataDir) : IStoreFill
{
    // The kernel does most of the work of a small file.
    private const int Parallelism = 4;

    private readonly string _root = Path.Combine(dataDir, "store");
    private readonly string _temporary = Directory.CreateDirectory(Path.Combine(dataDir, "fill")).FullName;

    public void Add(FabricatedObject added, DateTimeOffset at)
    {
        var path = PathOf(added);
        var temporary = Path.Combine(_temporary, Path.GetFileName(path));
        Write(temporary, added, at);
        File.Move(temporary, path, overwrite: true);
    }

    public void AddAll(IEnumerable<FabricatedObject> added, DateTimeOffset at) => Parallel.ForEach(added,
        new ParallelOptions { MaxDegreeOfParallelism = Parallelism }, each => Write(PathOf(each), each, at));

    public void Remove(string key) => File.Delete(Path.Combine(_root, key));

    public bool HasAny(string prefix) =>
        Directory.Exists(Path.Combine(_root, prefix)) && Directory.EnumerateFiles(Path.Combine(_root, prefix)).Any();

    private static void Write(string path, FabricatedObject added, DateTimeOffset at)
    {
        using var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write);
        RandomAccess.Write(file, added.Content(), 0);
        File.SetLastWriteTimeUtc(file, at.UtcDateTime);
    }

    private string PathOf(FabricatedObject added)
    {
        var path = Path.Combine(_root, added.Key);
        if (!Directory.Exists(Path.GetDirectoryName(path))) Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return path;
    }
}
