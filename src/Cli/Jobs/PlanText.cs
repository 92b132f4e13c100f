using VmDataset.Cli.Api;
using VmDataset.Cli.Output;

namespace VmDataset.Cli.Jobs;

/// <summary>A plan in words.</summary>
internal static class PlanText
{
    public static IEnumerable<string> Lines(Plan plan)
    {
        yield return $"{Figures.Count(plan.Samples)} samples of {plan.Generators.Count} generators in {Figures.Count(plan.Batches)} batches of up to "
            + $"{Figures.Count(plan.BatchSize)}, about {Figures.Bytes(plan.Bytes)}";
        if (plan.BestBatchSize != plan.BatchSize) yield return $"best batch size: {Figures.Count(plan.BestBatchSize)}";
        yield return $"time: {Figures.Duration(plan.Seconds.Likely)} ({Figures.Duration(plan.Seconds.Low)} to {Figures.Duration(plan.Seconds.High)}), "
            + Basis(plan.Basis);
        if (plan.Aws is { } aws)
        {
            yield return $"cost: {Figures.Dollars(aws.CostUsd.Likely)} ({Figures.Dollars(aws.CostUsd.Low)} to {Figures.Dollars(aws.CostUsd.High)})"
                + (aws.PricesOf is { } date ? $" at the prices of {date}" : "");
            foreach (var line in aws.Lines)
                yield return $"  {line.Name.Replace('_', ' ')}: {Figures.Dollars(line.Usd)}, {line.Quantity.ToString("#,0.##", CultureInfo.InvariantCulture)} {line.Unit}";
        }

        foreach (var warning in plan.Warnings) yield return $"warning: {warning.Message}";
    }

    private static string Basis(string basis) => basis switch
    {
        "measured" => "as measured in earlier jobs",
        "trial" => "by the generators' trials",
        _ => "by a rule of thumb, as nothing of them was measured yet",
    };
}
