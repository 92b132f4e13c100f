using VmDataset.Pipeline.Planning;

namespace VmDataset.ControlPlane.Jobs.Plans;

/// <summary>The AWS fleet that a plan is for, as far as it differs from the one that is deployed.</summary>
public sealed record FleetRequest
{
    private static readonly string[] Known =
    [
        "region", "memory_mb", "architecture", "scaling_mode", "maximum_concurrency", "minimum_pollers", "maximum_pollers",
        "account_concurrency", "max_receives",
    ];

    /// <summary>The region whose prices are taken.</summary>
    /// <example>us-east-1</example>
    public string? Region { get; init; }

    /// <summary>MB of the worker function; 1,769 MB is one vCPU.</summary>
    /// <example>1769</example>
    [Range(Fleet.MinMemoryMb, Fleet.MaxMemoryMb)]
    public int? MemoryMb { get; init; }

    /// <summary>The processor architecture. A plan takes a sample to need as long on both.</summary>
    public FunctionArchitecture? Architecture { get; init; }

    /// <summary>The way in which the mapping from SQS to Lambda grows.</summary>
    public ScalingMode? ScalingMode { get; init; }

    /// <summary>Messages that the mapping has under way at most, with <c>maximum_concurrency</c>.</summary>
    /// <example>900</example>
    [Range(2, Fleet.MaxMaximumConcurrency)]
    public int? MaximumConcurrency { get; init; }

    /// <summary>Pollers from the first second, with <c>provisioned_pollers</c>; each has 10 messages under way.</summary>
    /// <example>90</example>
    [Range(2, 200)]
    public int? MinimumPollers { get; init; }

    /// <summary>Pollers at most, with <c>provisioned_pollers</c>.</summary>
    /// <example>90</example>
    [Range(2, Fleet.MaxPollers)]
    public int? MaximumPollers { get; init; }

    /// <summary>Functions that the account lets run at once.</summary>
    /// <example>1000</example>
    [Range(1, 1_000_000)]
    public int? AccountConcurrency { get; init; }

    /// <summary>Deliveries of a message after which it is dead-lettered.</summary>
    /// <example>10</example>
    [Range(1, 1_000)]
    public int? MaxReceives { get; init; }

    /// <summary>Reads the field <c>fleet</c>; errors go to <paramref name="fields"/>.</summary>
    /// <param name="fields">The request.</param>
    /// <param name="defaults">The fleet that is deployed.</param>
    /// <param name="region">Its region.</param>
    /// <param name="prices">The regions with prices.</param>
    internal static (Fleet Fleet, string Region) Read(JsonFields fields, Fleet defaults, string region, PriceList prices)
    {
        const string Field = "fleet";
        if (fields.Find(Field, required: false, "") is not { } value) return (defaults, region);
        if (value.ValueKind != JsonValueKind.Object)
        {
            fields.Refuse(Field, $"{Field} is {JsonFields.Describe(value)}; allowed: an object with {string.Join(", ", Known)}.");
            return (defaults, region);
        }

        var given = new JsonFields(value);
        given.RefuseUnknownAndRepeated(Known);
        var fleet = defaults with
        {
            MemoryMb = given.WholeNumber("memory_mb", required: false, Fleet.MinMemoryMb, Fleet.MaxMemoryMb) ?? defaults.MemoryMb,
            Architecture = given.Text("architecture", required: false, static word => word is "x86_64" or "arm64", "\"x86_64\" or \"arm64\"")
                is { } architecture ? architecture == "arm64" ? FunctionArchitecture.Arm64 : FunctionArchitecture.X8664
                : defaults.Architecture,
            ScalingMode = given.Text("scaling_mode", required: false, static word => word is "maximum_concurrency" or "provisioned_pollers",
                "\"maximum_concurrency\" or \"provisioned_pollers\"") is { } mode ? mode == "provisioned_pollers"
                ? Pipeline.Planning.ScalingMode.ProvisionedPollers : Pipeline.Planning.ScalingMode.MaximumConcurrency
                : defaults.ScalingMode,
            MaximumConcurrency = given.WholeNumber("maximum_concurrency", required: false, 2, Fleet.MaxMaximumConcurrency)
                ?? defaults.MaximumConcurrency,
            MinimumPollers = given.WholeNumber("minimum_pollers", required: false, 2, 200) ?? defaults.MinimumPollers,
            MaximumPollers = given.WholeNumber("maximum_pollers", required: false, 2, Fleet.MaxPollers) ?? defaults.MaximumPollers,
            AccountConcurrency = given.WholeNumber("account_concurrency", required: false, 1, 1_000_000) ?? defaults.AccountConcurrency,
            MaxReceives = given.WholeNumber("max_receives", required: false, 1, 1_000) ?? defaults.MaxReceives,
        };
        if (fleet.MinimumPollers > fleet.MaximumPollers)
            given.Refuse("minimum_pollers", $"minimum_pollers is {fleet.MinimumPollers}; allowed: at most maximum_pollers, {fleet.MaximumPollers}.");
        var wanted = given.Text("region", required: false, prices.Regions.ContainsKey, $"one of {prices.RegionNames}") ?? region;
        foreach (var error in given.Errors) fields.Refuse($"{Field}.{error.Field}", $"{Field}.{error.Message}");
        return (fleet, wanted);
    }
}
