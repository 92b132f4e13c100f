namespace VmDataset.Pipeline.Storage;

/// <summary>Named byte sequences. One contract test class holds for every adapter. Keys are relative paths of <c>/</c>-separated parts; a
/// part is never empty, <c>.</c> or <c>..</c>. Every method throws <see cref="ArgumentException"/> for another key, and
/// <see cref="ServiceUnreachableException"/> when the store cannot be reached.</summary>
public interface IObjectStore
{
    /// <summary>Stores an object; a reader sees all of it or nothing.</summary>
    /// <param name="content">Read from its current position to its end; not disposed. Seekable.</param>
    /// <param name="ifAbsent">Refuse to replace an object that exists.</param>
    /// <returns>False only when <paramref name="ifAbsent"/> and the key was taken.</returns>
    Task<bool> PutAsync(string key, Stream content, bool ifAbsent = false, CancellationToken cancellationToken = default);

    /// <summary>Stores a file that the caller no longer needs, replacing the object if there is one. An adapter on the same file system may
    /// move the file, so it may or may not be there afterwards.</summary>
    Task PutFileAsync(string key, string path, CancellationToken cancellationToken = default);

    /// <summary>Opens an object, or null when there is none.</summary>
    Task<StoredObject?> GetAsync(string key, CancellationToken cancellationToken = default);

    /// <summary>Reads the first <paramref name="bytes"/> of an object, or all of a shorter one; null when there is none.</summary>
    async Task<byte[]?> GetStartAsync(string key, int bytes, CancellationToken cancellationToken = default)
    {
        using var found = await GetAsync(key, cancellationToken);
        if (found is null) return null;
        var start = new byte[(int)Math.Min(found.Size, bytes)];
        await found.Content.ReadExactlyAsync(start, cancellationToken);
        return start;
    }

    /// <summary>Reads <paramref name="bytes"/> of an object from <paramref name="start"/> on, or as many as there are; null when there is
    /// no such object.</summary>
    async Task<byte[]?> GetRangeAsync(string key, long start, int bytes, CancellationToken cancellationToken = default)
    {
        using var found = await GetAsync(key, cancellationToken);
        if (found is null) return null;
        var range = new byte[(int)Math.Clamp(found.Size - start, 0, bytes)];
        if (range.Length > 0) await found.SkipAsync(start, cancellationToken);
        await found.Content.ReadExactlyAsync(range, cancellationToken);
        return range;
    }

    /// <summary>Lists the objects whose key starts with <paramref name="prefix"/>, in the byte order of their keys, as they are fetched. A
    /// prefix without objects is an empty list. Objects of others are left out if their names are no keys, and listed otherwise.</summary>
    /// <param name="prefix">A key's beginning, ending at a <c>/</c>.</param>
    /// <param name="startAfter">Continue behind this key (it need not exist).</param>
    IAsyncEnumerable<ObjectEntry> ListAsync(string prefix, string? startAfter = null, CancellationToken cancellationToken = default);

    /// <summary>Deletes an object; deleting one that is not there is no error.</summary>
    Task DeleteAsync(string key, CancellationToken cancellationToken = default);

    /// <summary>Deletes many objects; when it throws, some may be gone.</summary>
    Task DeleteManyAsync(IReadOnlyCollection<string> keys, CancellationToken cancellationToken = default);

    /// <summary>A link that lets a browser fetch the object directly, or null when the API must serve it.</summary>
    Uri? DownloadLink(string key, TimeSpan validFor);
}

/// <param name="Size">Bytes.</param>
public sealed record ObjectEntry(string Key, long Size, DateTimeOffset LastModified)
{
    /// <summary>Changes with the content, if the store knows: S3 dates objects to the second, and two writes may fall into one.</summary>
    public string Tag { get; init; } = "";
}

/// <summary>An open object. Dispose it to release the stream.</summary>
public sealed record StoredObject(Stream Content, long Size, DateTimeOffset LastModified) : IDisposable
{
    public void Dispose() => Content.Dispose();

    internal async Task SkipAsync(long bytes, CancellationToken cancellationToken)
    {
        if (Content.CanSeek)
        {
            Content.Seek(bytes, SeekOrigin.Current);
            return;
        }

        var skipped = new byte[1 << 16];
        for (var left = bytes; left > 0;)
        {
            var part = skipped.AsMemory(0, (int)Math.Min(left, skipped.Length));
            await Content.ReadExactlyAsync(part, cancellationToken);
            left -= part.Length;
        }
    }
}
