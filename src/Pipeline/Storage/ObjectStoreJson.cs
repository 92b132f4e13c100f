using VmDataset.Pipeline.Json;

namespace VmDataset.Pipeline.Storage;

/// <summary>JSON records in the object store.</summary>
public static class ObjectStoreJson
{
    // A record that lacks a required member, or has null for it, is as unreadable as half of its text.
    private static readonly JsonSerializerOptions Strict = new(WireJson.Options)
    {
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    public static async Task<bool> PutJsonAsync<T>(
        this IObjectStore store, string key, T value, bool ifAbsent = false, CancellationToken cancellationToken = default)
    {
        using var content = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(value, WireJson.Options));
        return await store.PutAsync(key, content, ifAbsent, cancellationToken);
    }

    /// <summary>Reads a record that may be absent, or unreadable: empty, cut short, <c>null</c>, or without a member that it must
    /// have.</summary>
    /// <exception cref="ServiceUnreachableException">The store cannot be reached.</exception>
    public static async Task<StoredRecord<T>> TryGetJsonAsync<T>(
        this IObjectStore store, string key, CancellationToken cancellationToken = default)
        where T : class
    {
        using var found = await store.GetAsync(key, cancellationToken);
        if (found is null) return new StoredRecord<T>(key, null, null, null);
        // Read to its end first, as S3's stream compares a checksum with what was read of it, also where the JSON ends or breaks off
        // before.
        using var content = new MemoryStream();
        await found.Content.CopyToAsync(content, cancellationToken);
        if (content.Length == 0) return new StoredRecord<T>(key, null, "it is empty.", found.LastModified);
        try
        {
            var value = JsonSerializer.Deserialize<T>(content.GetBuffer().AsSpan(0, (int)content.Length), Strict);
            return new StoredRecord<T>(key, value, value is null ? "it is null." : null, found.LastModified);
        }
        catch (JsonException exception)
        {
            return new StoredRecord<T>(key, null, $"it is not a valid {typeof(T).Name}: {exception.Message}", found.LastModified);
        }
    }

    /// <summary>Reads a record that must be readable; null when there is no such object.</summary>
    /// <exception cref="UnreadableRecordException">The object is not the JSON that was expected.</exception>
    public static async Task<T?> GetJsonAsync<T>(
        this IObjectStore store, string key, CancellationToken cancellationToken = default)
        where T : class
    {
        var found = await store.TryGetJsonAsync<T>(key, cancellationToken);
        return found.Unreadable is { } reason ? throw new UnreadableRecordException(key, reason) : found.Value;
    }
}
