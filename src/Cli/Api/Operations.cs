namespace VmDataset.Cli.Api;

internal sealed record Caller(string Id, string Name, string Role);

internal sealed record Health(string Status, IReadOnlyDictionary<string, HealthCheck>? Checks);

internal sealed record HealthCheck(string Status, string Detail);

internal sealed record DeadLetter
{
    public required string Id { get; init; }

    public string? Reason { get; init; }

    public string? JobId { get; init; }

    public string? Generator { get; init; }

    public long? StartIndex { get; init; }

    public long? Samples { get; init; }

    public long? AgeSeconds { get; init; }
}

internal sealed record DeadLetterOutcome(long Taken, IReadOnlyList<KeptDeadLetter>? Kept, bool More);

internal sealed record KeptDeadLetter(string Id, string Reason);

internal sealed record Key
{
    public required string Id { get; init; }

    public string Name { get => field ?? ""; init; }

    public string? Role { get; init; }

    public DateTimeOffset? CreatedAt { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The key's text; only where it was just created.</summary>
    [JsonPropertyName("key")]
    public string? Text { get; init; }
}

internal sealed record Fleet
{
    public string Engine { get => field ?? ""; init; }

    public FleetQueue? Queue { get; init; }

    public FleetWorker? Worker { get; init; }

    public FleetFunction? Function { get; init; }

    public IReadOnlyList<string> Notes { get => field ?? []; init; }
}

internal sealed record FleetQueue(long? Queued, long? InFlight, long? Dead, double? OldestAgeSeconds);

internal sealed record FleetWorker(int Lanes, int Busy, int Live);

internal sealed record FleetFunction(string Name, FleetSeries? ConcurrentExecutions, FleetSeries? Errors, FleetSeries? Throttles,
    FleetSeries? AverageSeconds);

internal sealed record FleetSeries(double? Latest);
