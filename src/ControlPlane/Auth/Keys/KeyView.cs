namespace VmDataset.ControlPlane.Auth.Keys;

/// <summary>A key, without its secret.</summary>
public sealed record KeyView
{
    /// <summary>The key's id; a part of its text.</summary>
    /// <example>4be1c09a7d52</example>
    public required string Id { get; init; }

    /// <summary>A name for people; empty if the key's record cannot be read.</summary>
    /// <example>nightly training run</example>
    public required string Name { get; init; }

    /// <summary>The key's role; absent if the key's record cannot be read.</summary>
    public Role? Role { get; init; }

    /// <summary>The reason for which the key's record cannot be read; absent if it can. Such a key is refused, and can be
    /// revoked.</summary>
    /// <example>it is empty.</example>
    public string? Unreadable { get; init; }

    /// <summary>Time at which the key was created (UTC).</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Time at which the key expires (UTC); absent if never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Maximum number of unfinished jobs; absent if the server's setting applies.</summary>
    /// <example>10</example>
    public int? MaxOpenJobs { get; init; }

    /// <summary>Maximum number of samples in all unfinished jobs together; absent if the server's setting applies.</summary>
    /// <example>1000000</example>
    public int? MaxOpenSamples { get; init; }

    /// <summary>The key's text, only in the answer that creates it; the server does not keep it.</summary>
    /// <example>vmd_4be1c09a7d52_bL0yT7oS3mXvJ1n8QwZ5cR2fGhKdPeUaYi9sNtVxMqE</example>
    public string? Key { get; init; }

    internal static KeyView Of(string id, StoredRecord<ApiKey> record) => record.Value is { } key ? Of(key)
        : new KeyView { Id = id, Name = "", CreatedAt = record.LastModified ?? default, Unreadable = record.Unreadable };

    internal static KeyView Of(ApiKey key, string? text = null) => new()
    {
        Id = key.Id,
        Name = key.Name,
        Role = key.Role,
        CreatedAt = key.CreatedAt,
        ExpiresAt = key.ExpiresAt,
        MaxOpenJobs = key.MaxOpenJobs,
        MaxOpenSamples = key.MaxOpenSamples,
        Key = text,
    };
}
