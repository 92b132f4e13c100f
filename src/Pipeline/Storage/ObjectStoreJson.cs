using System.Text.Json;
using VmDataset.Pipeline.Json;

namespace VmDataset.Pipeline.Storage;

/// <summary>JSON records in the object store.</summary>
public static class ObjectStoreJson
{
    public static async Task<bool> PutJsonAsync<T>(
        this IObjectStore store, string key, T value, bool ifAbsent = false, CancellationToken cancellationToken = default)
    {
        using var content = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(value, WireJson.Options));
        return await store.PutAsync(key, content, ifAbsent, cancellationToken);
    }

    /// <summary>Null when there is no such object.</summary>
    /// <exception cref="InvalidDataException">The object is not the JSON that was expected.</exception>
    public static async Task<T?> GetJsonAsync<T>(
        this IObjectStore store, string key, CancellationToken cancellationToken = default)
        where T : class
    {
        using var found = await store.GetAsync(key, cancellationToken);
        if (found is null) return null;
        try
        {
            return await JsonSerializer.DeserializeAsync<T>(found.Content, WireJson.Options, cancellationToken);
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"Object '{key}' is not a valid {typeof(T).Name}: {exception.Message}", exception);
        }
    }
}
