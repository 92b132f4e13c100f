namespace VmDataset.ControlPlane.Auth;

/// <summary>A caller and its limits.</summary>
public sealed record CallerView
{
    /// <summary>The caller's id: <c>key:</c> and the key's id, <c>jwt:</c> and the token's subject, <c>iam:</c> and
    /// the ARN by which AWS knows the caller, or <c>local</c> if no credentials are needed.</summary>
    /// <example>key:4be1c09a7d52</example>
    public required string Id { get; init; }

    /// <summary>A name for people.</summary>
    /// <example>nightly training run</example>
    public required string Name { get; init; }

    /// <summary>The caller's role.</summary>
    public required Role Role { get; init; }

    /// <summary>Maximum number of the caller's unfinished jobs; absent if unlimited.</summary>
    /// <example>10</example>
    public int? MaxOpenJobs { get; init; }

    /// <summary>Maximum number of samples in the caller's unfinished jobs together; absent if unlimited.</summary>
    /// <example>1000000</example>
    public long? MaxOpenSamples { get; init; }

    /// <summary>Maximum number of the caller's requests per minute at one instance of the server; absent if unlimited.</summary>
    /// <example>600</example>
    public int? RequestsPerMinute { get; init; }
}
