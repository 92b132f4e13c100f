using System.ComponentModel.DataAnnotations;

namespace VmDataset.ControlPlane.Auth.Keys;

/// <summary>What a new key is to be.</summary>
public sealed record KeyRequest
{
    /// <summary>For people: who or what uses it. 1 to 100 characters.</summary>
    /// <example>nightly training run</example>
    [StringLength(100, MinimumLength = 1)]
    public required string Name { get; init; }

    /// <summary>What it may do: <c>read</c>, <c>submit</c>, which includes read, or <c>admin</c>, which includes both.</summary>
    public required Role Role { get; init; }

    /// <summary>When it ends (ISO 8601, with its offset from UTC); never by default.</summary>
    /// <example>2027-01-01T00:00:00Z</example>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Unfinished jobs that it may have at once; by default what the server's settings say.</summary>
    /// <example>10</example>
    [Range(0, int.MaxValue)]
    public int? MaxOpenJobs { get; init; }

    /// <summary>Samples that its unfinished jobs may have together; by default what the server's settings say.</summary>
    /// <example>1000000</example>
    [Range(0, int.MaxValue)]
    public int? MaxOpenSamples { get; init; }
}
