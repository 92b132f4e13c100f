namespace VmDataset.Pipeline.Planning;

/// <summary>Turns quantities into dollars.</summary>
public static class CostModel
{
    private const double BytesPerGb = 1_073_741_824;
    private const double SecondsPerHour = 3_600;
    private const double HoursPerMonth = 730;
    private const int FreeEphemeralMb = 512;

    /// <summary>The lines of a job's cost. A line without a known price is left out.</summary>
    /// <param name="fleet">What draws it.</param>
    /// <param name="prices">The region's prices.</param>
    /// <param name="simulated">Seconds and invocations.</param>
    /// <param name="calls">The other calls.</param>
    public static IReadOnlyList<CostLine> Lines(Fleet fleet, RegionPrices prices, SimulationResult simulated, CallCounts calls)
    {
        List<CostLine> lines =
        [
            new(CostLine.Compute, simulated.FunctionSeconds * fleet.MemoryMb / 1024, "GB-seconds", prices.GbSecond(fleet.Architecture)),
            new("lambda_requests", simulated.Invocations, "requests", prices.LambdaRequest),
            new("sqs_requests", calls.SqsRequests, "requests", prices.SqsRequest),
            new("s3_put_data", calls.DataPuts, "requests", prices.S3Put),
            new("s3_put_records", calls.RecordPuts, "requests", prices.S3Put),
            new("s3_list", calls.Lists, "requests", prices.S3Put),
            new("s3_list_watch", calls.WatchLists, "requests", prices.S3Put),
            new("s3_get", calls.Gets, "requests", prices.S3Get),
            new("metrics", calls.Metrics * Math.Ceiling(simulated.Seconds / SecondsPerHour), "metric-hours",
                prices.MetricMonth / HoursPerMonth),
            new("logs", calls.LogBytes / BytesPerGb, "GB", prices.LogGb),
        ];
        if (prices.LambdaTmpGbSecond is { } tmp && fleet.EphemeralStorageMb > FreeEphemeralMb)
        {
            lines.Add(new("lambda_tmp", simulated.FunctionSeconds * (fleet.EphemeralStorageMb - FreeEphemeralMb) / 1024, "GB-seconds", tmp));
        }

        if (fleet.ScalingMode == ScalingMode.ProvisionedPollers && prices.PollerHour is { } poller)
        {
            var pollers = Math.Max(fleet.MinimumPollers, Math.Ceiling(simulated.PeakConcurrency / (double)Fleet.MessagesPerPoller));
            lines.Add(new("event_pollers", pollers * simulated.Seconds / SecondsPerHour, "poller-hours", poller));
        }

        return lines;
    }

    /// <summary>A month of storage. It is no part of a job's cost, as nobody knows how long the data stays.</summary>
    public static CostLine Storage(RegionPrices prices, double bytes) =>
        new(CostLine.Storage, bytes / BytesPerGb, "GB-months", prices.S3GbMonth);

    /// <summary>What the free tier takes off at most, if nothing else in the account uses it: a line below 0.</summary>
    public static CostLine Free(FreeTier free, IReadOnlyList<CostLine> lines)
    {
        var usd = lines.Sum(line => Math.Min(line.Quantity, Amount(line.Item)) * line.UnitPrice);
        return new CostLine(CostLine.FreeTier, -1, "months", usd);

        double Amount(string item) => item switch
        {
            CostLine.Compute => free.LambdaGbSeconds,
            "lambda_requests" => free.LambdaRequests,
            "sqs_requests" => free.SqsRequests,
            "logs" => free.LogGb,
            "metrics" => free.Metrics * HoursPerMonth,
            _ => 0,
        };
    }
}
