using System.Diagnostics.CodeAnalysis;

namespace VmDataset.ControlPlane.Auth.Keys;

/// <summary>Keys in the object store, so that every instance of the API knows the same ones.</summary>
internal sealed class KeyStore(IObjectStore store, TimeProvider time, RecordWarnings? warnings = null)
{
    /// <summary>How long an instance may go on with what it has read: a revoked key is refused everywhere after that.</summary>
    public static readonly TimeSpan Freshness = TimeSpan.FromSeconds(30);

    private const int CacheSize = 10_000;
    private readonly ConcurrentDictionary<string, (ApiKey? Key, DateTimeOffset ReadAt)> _cache = new(StringComparer.Ordinal);

    /// <returns>The key, and its text, which is kept nowhere.</returns>
    public async Task<(ApiKey Key, string Text)> CreateAsync(KeyRequest request, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var (id, text) = KeyText.New();
            var key = new ApiKey
            {
                Id = id,
                Name = request.Name,
                Role = request.Role,
                Sha256 = KeyText.Sha256(text),
                CreatedAt = time.GetUtcNow(),
                ExpiresAt = request.ExpiresAt,
                MaxOpenJobs = request.MaxOpenJobs,
                MaxOpenSamples = request.MaxOpenSamples,
            };
            if (!await store.PutJsonAsync(ObjectKeys.Key(id), key, ifAbsent: true, cancellationToken)) continue;
            _cache.TryRemove(id, out _);
            return (key, text);
        }
    }

    /// <summary>Whether the id was read lately or is a key's: looking it up costs the store nothing, or is worth it.</summary>
    public bool IsKnown(string id) => _cache.TryGetValue(id, out var known) && (known.Key is not null || IsFresh(known.ReadAt));

    /// <summary>Null when there is no such key, or its record cannot be read: it lets nobody in.</summary>
    public async Task<ApiKey?> FindAsync(string id, CancellationToken cancellationToken = default)
    {
        if (_cache.TryGetValue(id, out var known) && IsFresh(known.ReadAt)) return known.Key;
        // The moment before the reading: a key that is revoked meanwhile is not kept for longer than it may be.
        var now = time.GetUtcNow();
        var key = (await ReadAsync(id, cancellationToken)).Value;
        if (_cache.Count >= CacheSize) _cache.Clear();
        _cache[id] = (key, now);
        return key;
    }

    /// <summary>A page of keys, ordered by id; those whose record cannot be read are among them.</summary>
    public async Task<(IReadOnlyList<(string Id, StoredRecord<ApiKey> Record)> Keys, string? Next)> ListAsync(
        int limit, string? cursor, CancellationToken cancellationToken)
    {
        List<(string Id, StoredRecord<ApiKey> Record)> keys = [];
        var after = cursor is null ? null : ObjectKeys.Key(cursor);
        await foreach (var entry in store.ListAsync(ObjectKeys.KeyPrefix, after, cancellationToken))
        {
            if (!TryReadName(entry.Key, out var id))
            {
                warnings?.Foreign(entry.Key);
                continue;
            }

            if (keys.Count == limit) return (keys, keys[^1].Id);
            var read = await ReadAsync(id, cancellationToken);
            if (!read.IsAbsent) keys.Add((id, read));
        }

        return (keys, null);
    }

    /// <summary>Revokes a key: here at once, on other instances within <see cref="Freshness"/>.</summary>
    /// <returns>False when there is no such key.</returns>
    public async Task<bool> DeleteAsync(string id, CancellationToken cancellationToken)
    {
        if ((await ReadAsync(id, cancellationToken)).IsAbsent) return false;
        await store.DeleteAsync(ObjectKeys.Key(id), cancellationToken);
        _cache[id] = (null, time.GetUtcNow());
        return true;
    }

    /// <summary>Whether an object's name is a key's.</summary>
    public static bool TryReadName(string objectKey, [NotNullWhen(true)] out string? id) => ObjectKeys.TryParseKey(objectKey, out id)
        && KeyText.IsId(id);

    private async Task<StoredRecord<ApiKey>> ReadAsync(string id, CancellationToken cancellationToken)
    {
        var read = (await store.TryGetJsonAsync<ApiKey>(ObjectKeys.Key(id), cancellationToken))
            .Where(key => key.Id == id, "it is another key's.");
        read.OrWarn(warnings);
        return read;
    }

    private bool IsFresh(DateTimeOffset readAt) => time.GetUtcNow() - readAt < Freshness;
}
