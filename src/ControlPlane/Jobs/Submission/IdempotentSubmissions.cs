using Microsoft.Extensions.Primitives;

namespace VmDataset.ControlPlane.Jobs.Submission;

/// <summary>
/// Submissions that carry the header <c>Idempotency-Key</c>. The first one writes, before the job, which job the key stands for;
/// everyone else finds that job there and, should the first have died in between, completes it. Semantics:
/// draft-ietf-httpapi-idempotency-key-header.
/// </summary>
internal sealed class IdempotentSubmissions(IObjectStore store, RecordWarnings? warnings = null)
{
    public const string Header = "Idempotency-Key";

    private const int MaxLength = 255;

    /// <returns>Null without the header, or with an error noted.</returns>
    public static string? Key(HttpRequest request, List<ValidationError> errors)
    {
        if (!request.Headers.TryGetValue(Header, out var values) || StringValues.IsNullOrEmpty(values)) return null;
        if (values is [{ Length: >= 1 and <= MaxLength } key] && key.All(static letter => letter is >= ' ' and <= '~')) return key;
        errors.Add(new ValidationError(Header,
            $"{Header} is {(values.Count > 1 ? "there more than once" : "not as it should be")}; allowed: once, 1 to {MaxLength} printable ASCII characters."));
        return null;
    }

    /// <param name="caller">Whose key it is: those of others are other keys.</param>
    /// <param name="key">The client's key.</param>
    public static string Id(string caller, string key) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{caller}\n{key}")));

    /// <summary>The submission that the key stands for; absent for a new one.</summary>
    public async Task<StoredRecord<IdempotencyRecord>> FindAsync(string id, CancellationToken cancellationToken)
    {
        var read = await store.TryGetJsonAsync<IdempotencyRecord>(ObjectKeys.Idempotency(id), cancellationToken);
        read.OrWarn(warnings);
        return read;
    }

    /// <summary>Frees a key whose job was deleted.</summary>
    public Task ForgetAsync(string id, CancellationToken cancellationToken) =>
        store.DeleteAsync(ObjectKeys.Idempotency(id), cancellationToken);

    /// <summary>Makes the key stand for a job, unless somebody else was first.</summary>
    /// <returns>What it stands for; null if that cannot be read.</returns>
    public async Task<IdempotencyRecord?> ClaimAsync(string id, JsonElement body, Job job, CancellationToken cancellationToken)
    {
        while (true)
        {
            var mine = new IdempotencyRecord(body, job);
            if (await store.PutJsonAsync(ObjectKeys.Idempotency(id), mine, ifAbsent: true, cancellationToken)) return mine;
            // Null if the first one's job was deleted meanwhile.
            var first = await FindAsync(id, cancellationToken);
            if (!first.IsAbsent) return first.Value;
        }
    }
}

/// <param name="Body">The request's body.</param>
/// <param name="Job">The job that it made.</param>
internal sealed record IdempotencyRecord(JsonElement Body, Job Job)
{
    /// <summary>Whether it is the same request, however it is written.</summary>
    public bool IsFor(JsonElement body) => JsonElement.DeepEquals(Body, body);
}
