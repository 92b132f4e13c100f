using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;

namespace VmDataset.Pipeline.Local;

/// <summary>An object store in a folder: a key is a path below the root. It survives <c>kill -9</c>. Records
/// (<see cref="ObjectKeys.IsRecord"/>) are flushed to the disk and survive a power cut too. Other files have checksums alone.</summary>
public sealed class FileSystemObjectStore : IObjectStore
{
    // Temporary files lie in a folder of their own, on the same file system, so that LIST never meets one.
    private const string TemporaryFolder = ".partial";

    private readonly bool _flush;
    private readonly string _root;
    private readonly string _temporary;

    /// <param name="root">The folder; made if it is not there.</param>
    /// <param name="alone">Whether no other process uses it, so that left-overs of a killed one are removed.</param>
    /// <param name="flush">Whether records are flushed to the disk; to measure what that costs.</param>
    public FileSystemObjectStore(string root, bool alone = true, bool flush = true)
    {
        _flush = flush;
        _root = Path.GetFullPath(root);
        _temporary = Path.Combine(_root, TemporaryFolder);
        if (alone) RemoveLeftOvers(_temporary);
        Directory.CreateDirectory(_temporary);
    }

    public async Task<bool> PutAsync(string key, Stream content, bool ifAbsent = false, CancellationToken cancellationToken = default)
    {
        var path = PathOf(key);
        if (ifAbsent && File.Exists(path)) return false;
        var flush = _flush && ObjectKeys.IsRecord(key);
        var temporary = Path.Combine(_temporary, Guid.NewGuid().ToString("N"));
        try
        {
            await using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                await content.CopyToAsync(file, cancellationToken);
                if (flush) file.Flush(flushToDisk: true);
            }

            if (ifAbsent) return FileMove.ToFree(temporary, path, flush);
            FileMove.Replace(temporary, path, flush);
            return true;
        }
        catch (Exception exception) when (IsFailure(exception))
        {
            throw Unreachable(path, exception);
        }
        finally
        {
            DeleteFile(temporary);
        }
    }

    public Task PutFileAsync(string key, string path, CancellationToken cancellationToken = default)
    {
        var target = PathOf(key);
        return Reaching(target, () =>
        {
            // Its folder must not be made in a store that is gone.
            if (Directory.Exists(_temporary) && FileMove.TryRename(path, target)) return Task.CompletedTask;
            // Between file systems this copies, so it goes by way of the temporary folder: a reader sees all of it or nothing.
            var temporary = Path.Combine(_temporary, Guid.NewGuid().ToString("N"));
            File.Move(path, temporary);
            FileMove.Replace(temporary, target, flush: false);
            return Task.CompletedTask;
        });
    }

    public Task<StoredObject?> GetAsync(string key, CancellationToken cancellationToken = default)
    {
        var path = PathOf(key);
        return Task.FromResult(Reaching(path, () => HasLink(path) || RegularFile.TryOpen(path) is not { } stream
            ? OrUnreachable<StoredObject?>(null)
            : new StoredObject(stream, stream.Length, File.GetLastWriteTimeUtc(path))));
    }

    public async IAsyncEnumerable<ObjectEntry> ListAsync(
        string prefix, string? startAfter = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var folder = PathOf(ObjectKey.CheckPrefix(prefix)[..^1]);
        if (Reaching(folder, () => HasLink(folder))) yield break;
        foreach (var (key, file) in FolderWalk.Files(folder, prefix, startAfter, Entries))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return new ObjectEntry(key, file.Size, file.LastModified);
        }

        await Task.CompletedTask;
    }

    public Task DeleteAsync(string key, CancellationToken cancellationToken = default)
    {
        Delete([key], cancellationToken);
        return Task.CompletedTask;
    }

    public Task DeleteManyAsync(IReadOnlyCollection<string> keys, CancellationToken cancellationToken = default)
    {
        Delete(keys, cancellationToken);
        // A folder per sample would stay behind.
        foreach (var folder in keys.Select(FolderOf).Distinct(StringComparer.Ordinal)) RemoveEmpty(folder);
        return Task.CompletedTask;
    }

    public Uri? DownloadLink(string key, TimeSpan validFor) => null;

    private void Delete(IReadOnlyCollection<string> keys, CancellationToken cancellationToken) => Reaching(_root, () =>
    {
        foreach (var key in keys)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!DeleteFile(PathOf(key))) OrUnreachable(false);
        }

        // A record that was deleted, a revoked key for one, must not come back after a power cut.
        if (!_flush) return true;
        foreach (var folder in keys.Where(ObjectKeys.IsRecord).Select(FolderOf).Distinct(StringComparer.Ordinal)) DiskFlush.Folder(folder);
        return true;
    });

    /// <returns>False when its folder is not there.</returns>
    private static bool DeleteFile(string path)
    {
        try
        {
            File.Delete(path);
            return true;
        }
        catch (DirectoryNotFoundException)
        {
            return false;
        }
    }

    private string FolderOf(string key) => Path.GetDirectoryName(PathOf(key))!;

    private static void RemoveLeftOvers(string folder)
    {
        try
        {
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
        catch (IOException)
        {
            // A foreign file whose name is no valid text stays; it does no harm.
        }
    }

    private void RemoveEmpty(string? folder)
    {
        while (folder is not null && folder.Length > _root.Length)
        {
            try
            {
                Directory.Delete(folder);
            }
            catch (IOException)
            {
                // It is gone, or not empty, and then neither are those above it.
                if (Directory.Exists(folder)) return;
            }

            folder = Path.GetDirectoryName(folder);
        }
    }

    private List<FolderEntry> Entries(string folder) => Reaching(folder, () =>
    {
        try
        {
            return FolderWalk.Read(folder);
        }
        catch (DirectoryNotFoundException)
        {
            return OrUnreachable<List<FolderEntry>>([]);
        }
    });

    // A store whose folder is gone, on a disk that is no longer there for one, is not an empty one.
    private T OrUnreachable<T>(T nothing) => Directory.Exists(_temporary) ? nothing
        : throw new DirectoryNotFoundException($"The folder '{_root}' is gone.");

    private static T Reaching<T>(string path, Func<T> access)
    {
        try
        {
            return access();
        }
        catch (Exception exception) when (IsFailure(exception))
        {
            throw Unreachable(path, exception);
        }
    }

    private static ServiceUnreachableException Unreachable(string path, Exception cause) =>
        new($"The store failed at '{path}': {cause.Message}", cause);

    private static bool IsFailure(Exception exception) =>
        exception is UnauthorizedAccessException or (IOException and not (ServiceUnreachableException or FileNotFoundException));

    // The store makes no links. A generator could make one, and so have the API serve a file from elsewhere.
    private bool HasLink(string path)
    {
        for (var part = path; part.Length > _root.Length; part = Path.GetDirectoryName(part)!)
            if (new FileInfo(part).LinkTarget is not null) return true;
        return false;
    }

    private string PathOf(string key)
    {
        if (ObjectKey.Check(key).Split('/')[0] == TemporaryFolder) throw new ArgumentException(
            $"'{key}' is kept for temporary files.", nameof(key));
        var path = Path.GetFullPath(Path.Combine(_root, key));
        return path.StartsWith(_root + Path.DirectorySeparatorChar, StringComparison.Ordinal) ? path
            : throw new ArgumentException($"'{key}' lies outside the store.", nameof(key));
    }
}
