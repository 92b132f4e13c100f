namespace VmDataset.ControlPlane.Auth.Keys;

/// <summary>A request for a new key.</summary>
public sealed record KeyRequest
{
    /// <summary>A name for people: the key's user or purpose, in 1 to 100 characters.</summary>
    /// <example>nightly training run</example>
    [StringLength(100, MinimumLength = 1)]
    public required string Name { get; init; }

    /// <summary>The key's role: <c>read</c>, <c>submit</c>, which includes read, or <c>admin</c>, which includes both.</summary>
    public required Role Role { get; init; }

    /// <summary>Time at which the key expires (ISO 8601, with its offset from UTC). Default: never.</summary>
    /// <example>2027-01-01T00:00:00Z</example>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Maximum number of unfinished jobs. Default: the server's setting.</summary>
    /// <example>10</example>
    [Range(0, int.MaxValue)]
    public int? MaxOpenJobs { get; init; }

    /// <summary>Maximum number of samples in all unfinished jobs together. Default: the server's setting.</summary>
    /// <example>1000000</example>
    [Range(0, int.MaxValue)]
    public int? MaxOpenSamples { get; init; }
}
