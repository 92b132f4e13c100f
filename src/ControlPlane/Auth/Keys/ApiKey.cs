namespace VmDataset.ControlPlane.Auth.Keys;

/// <summary>A key as it lies in the store: everything but its secret.</summary>
internal sealed record ApiKey
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required Role Role { get; init; }

    /// <summary>Of the key's whole text, in hex. Plain, as 256 random bits cannot be guessed from it.</summary>
    public required string Sha256 { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public int? MaxOpenJobs { get; init; }

    public int? MaxOpenSamples { get; init; }

    public Caller ToCaller() => new()
    {
        Id = "key:" + Id,
        Name = Name,
        Role = Role,
        MaxOpenJobs = MaxOpenJobs,
        MaxOpenSamples = MaxOpenSamples
    };
}
