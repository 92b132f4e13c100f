using VmDataset.Pipeline.Json;

namespace VmDataset.Pipeline.Planning;

/// <summary>
/// List prices of AWS by region, from <c>prices.json</c> beside this file. They were read in public texts that quote the AWS Price List,
/// not from AWS itself, and they change: a plan names their date.
/// </summary>
public sealed record PriceList
{
    private static readonly Lazy<PriceList> Embedded = new(Read);

    /// <summary>The prices that the product carries.</summary>
    public static PriceList Current => Embedded.Value;

    /// <summary>The date of the newest price.</summary>
    public required DateOnly Published { get; init; }

    /// <summary>Always USD.</summary>
    public required string Currency { get; init; }

    /// <summary>The source of each kind of price, a phrase each.</summary>
    public required IReadOnlyList<string> Sources { get; init; }

    /// <summary>Costs that no plan holds, a phrase each.</summary>
    public required IReadOnlyList<string> Excluded { get; init; }

    /// <summary>Amounts a month that AWS gives each account; a plan shows their worth as a line of its own.</summary>
    public required FreeTier FreeTier { get; init; }

    /// <summary>Prices by region name.</summary>
    public required IReadOnlyDictionary<string, RegionPrices> Regions { get; init; }

    /// <summary>The regions' names in ordinal order, as an error text shows them.</summary>
    public string RegionNames => string.Join(", ", Regions.Keys.Order(StringComparer.Ordinal));

    /// <summary>The prices of a region.</summary>
    /// <exception cref="ArgumentException">There are none for it.</exception>
    public RegionPrices For(string region) => Regions.GetValueOrDefault(region)
        ?? throw new ArgumentException($"region is '{region}'; allowed: {RegionNames}.", nameof(region));

    private static PriceList Read()
    {
        using var stream = typeof(PriceList).Assembly.GetManifestResourceStream("prices.json")!;
        return JsonSerializer.Deserialize<PriceList>(stream, WireJson.Options)!;
    }
}

/// <summary>What an account gets free each month. Other work in the account uses it too.</summary>
/// <param name="LambdaGbSeconds">GB-seconds of functions.</param>
/// <param name="LambdaRequests">Invocations.</param>
/// <param name="SqsRequests">Queue requests.</param>
/// <param name="LogGb">GB of logs taken in.</param>
/// <param name="Metrics">Custom metrics.</param>
public sealed record FreeTier(double LambdaGbSeconds, double LambdaRequests, double SqsRequests, double LogGb, double Metrics);

/// <summary>A region's prices in dollars, each of one unit.</summary>
public sealed record RegionPrices
{
    /// <summary>A GB (1,024 MB) of an x86 function for a second.</summary>
    public required double LambdaX86GbSecond { get; init; }

    /// <summary>A GB of an arm64 function for a second.</summary>
    public required double LambdaArmGbSecond { get; init; }

    /// <summary>An invocation.</summary>
    public required double LambdaRequest { get; init; }

    /// <summary>A GB of /tmp beyond 512 MB for a second; null where no source gives it, and the line is left out.</summary>
    public double? LambdaTmpGbSecond { get; init; }

    /// <summary>A provisioned event poller of SQS for an hour; null where no source gives it, and the line is left out.</summary>
    public double? PollerHour { get; init; }

    /// <summary>A request to a standard queue.</summary>
    public required double SqsRequest { get; init; }

    /// <summary>A PUT, a part of an upload, or a LIST.</summary>
    public required double S3Put { get; init; }

    /// <summary>A GET.</summary>
    public required double S3Get { get; init; }

    /// <summary>A GB of S3 Standard for a month.</summary>
    public required double S3GbMonth { get; init; }

    /// <summary>A custom metric for a month; it is charged for each started hour.</summary>
    public required double MetricMonth { get; init; }

    /// <summary>A GB of logs taken in.</summary>
    public required double LogGb { get; init; }

    /// <summary>The price of a function's GB-second.</summary>
    public double GbSecond(FunctionArchitecture architecture) =>
        architecture == FunctionArchitecture.Arm64 ? LambdaArmGbSecond : LambdaX86GbSecond;
}
