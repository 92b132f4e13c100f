using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace VmDataset.Bench.Scale.S3;

/// <summary>Takes the bodies of new objects, also those that come in parts.</summary>
internal sealed class Uploads(Bucket bucket, string folder)
{
    private const int MaxInMemory = 1 << 16;

    private readonly ConcurrentDictionary<string, ConcurrentDictionary<int, string>> _open = new(StringComparer.Ordinal);

    /// <returns>The object; null if it was to be written only if absent, and another is there.</returns>
    public async Task<S3Object?> PutAsync(HttpRequest request, string key)
    {
        S3Object added;
        if (request.ContentLength is <= MaxInMemory)
        {
            using var body = new MemoryStream();
            await AwsChunked.CopyToAsync(request, body);
            added = S3Object.Of(key, body.ToArray(), DateTimeOffset.UtcNow);
        }
        else
        {
            added = OfFile(key, await SaveAsync(request));
        }

        return bucket.Put(added, ifAbsent: request.Headers.IfNoneMatch == "*") ? added : null;
    }

    public string Begin()
    {
        var id = Guid.NewGuid().ToString("N");
        _open[id] = new ConcurrentDictionary<int, string>();
        return id;
    }

    /// <returns>The part's ETag.</returns>
    public async Task<string> PartAsync(HttpRequest request, string id, string number)
    {
        _open[id][int.Parse(number, CultureInfo.InvariantCulture)] = await SaveAsync(request);
        return $"\"{id}-{number}\"";
    }

    public async Task<S3Object> CompleteAsync(string key, string id)
    {
        _open.TryRemove(id, out var parts);
        var paths = parts!.OrderBy(static part => part.Key).Select(static part => part.Value).ToList();
        await using (var whole = new FileStream(paths[0], FileMode.Append))
        {
            foreach (var path in paths.Skip(1))
            {
                await using (var part = File.OpenRead(path)) await part.CopyToAsync(whole);
                File.Delete(path);
            }
        }

        var added = OfFile(key, paths[0]);
        bucket.Put(added);
        return added;
    }

    public void Abort(string id)
    {
        if (!_open.TryRemove(id, out var parts)) return;
        foreach (var path in parts.Values) File.Delete(path);
    }

    private static S3Object OfFile(string key, string path) =>
        new(key, new FileInfo(path).Length, DateTimeOffset.UtcNow, () => File.OpenRead(path));

    private async Task<string> SaveAsync(HttpRequest request)
    {
        var path = Path.Combine(folder, Guid.NewGuid().ToString("N"));
        await using var file = File.Create(path);
        await AwsChunked.CopyToAsync(request, file);
        return path;
    }
}
