namespace VmDataset.ControlPlane.Operations.Fleet;

/// <summary>The workers that CloudWatch has figures of.</summary>
internal sealed record FleetOptions
{
    /// <summary>The Lambda function that works on the queue; null if there is none.</summary>
    [Setting]
    public string? WorkerFunctionName { get; init; }
}

[OptionsValidator]
internal sealed partial class FleetOptionsValidator : IValidateOptions<FleetOptions>;
