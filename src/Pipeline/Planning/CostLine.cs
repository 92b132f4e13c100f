namespace VmDataset.Pipeline.Planning;

/// <summary>A line of a plan's costs.</summary>
/// <param name="Item">What is paid for, such as <c>lambda_compute</c>.</param>
/// <param name="Quantity">How much of it.</param>
/// <param name="Unit">In what, such as <c>GB-seconds</c>.</param>
/// <param name="UnitPrice">Dollars a unit.</param>
public sealed record CostLine(string Item, double Quantity, string Unit, double UnitPrice)
{
    public const string Compute = "lambda_compute";
    public const string Storage = "s3_storage_month";
    public const string FreeTier = "free_tier";

    /// <summary>Dollars.</summary>
    public double Usd => Quantity * UnitPrice;
}
