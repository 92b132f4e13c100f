namespace VmDataset.ControlPlane.Auth;

/// <summary>A caller and its limits.</summary>
public sealed record CallerView
{
    /// <summary><c>key:</c> and the key's id, <c>jwt:</c> and the token's subject, or <c>local</c> where no credentials are needed.</summary>
    /// <example>key:4be1c09a7d52</example>
    public required string Id { get; init; }

    /// <summary>For people.</summary>
    /// <example>nightly training run</example>
    public required string Name { get; init; }

    /// <summary>What the caller may do.</summary>
    public required Role Role { get; init; }

    /// <summary>Unfinished jobs that the caller may have at once; absent if any number.</summary>
    /// <example>10</example>
    public int? MaxOpenJobs { get; init; }

    /// <summary>Samples that the caller's unfinished jobs may have together; absent if any number.</summary>
    /// <example>1000000</example>
    public long? MaxOpenSamples { get; init; }

    /// <summary>Requests that one instance of the server answers the caller in a minute; absent if any number.</summary>
    /// <example>600</example>
    public int? RequestsPerMinute { get; init; }
}
