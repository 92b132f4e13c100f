using VmDataset.Pipeline.Storage;

namespace VmDataset.ControlPlane.Auth.Keys;

/// <summary>A key, without its secret.</summary>
public sealed record KeyView
{
    /// <summary>Names the key; a part of its text.</summary>
    /// <example>4be1c09a7d52</example>
    public required string Id { get; init; }

    /// <summary>For people; empty where the key's record cannot be read.</summary>
    /// <example>nightly training run</example>
    public required string Name { get; init; }

    /// <summary>What it may do; absent where the key's record cannot be read.</summary>
    public Role? Role { get; init; }

    /// <summary>Why the key's record cannot be read; absent if it can. Such a key lets nobody in, and can be revoked.</summary>
    /// <example>it is empty.</example>
    public string? Unreadable { get; init; }

    /// <summary>When it was made (UTC).</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it ends (UTC); absent if never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Unfinished jobs that it may have at once; absent where the server's settings say.</summary>
    /// <example>10</example>
    public int? MaxOpenJobs { get; init; }

    /// <summary>Samples that its unfinished jobs may have together; absent where the server's settings say.</summary>
    /// <example>1000000</example>
    public int? MaxOpenSamples { get; init; }

    /// <summary>The key itself, in the answer that makes it and never again: the server does not keep it.</summary>
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
