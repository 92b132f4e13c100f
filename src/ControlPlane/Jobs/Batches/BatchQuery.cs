using VmDataset.ControlPlane.Jobs.Samples;

namespace VmDataset.ControlPlane.Jobs.Batches;

/// <summary>A page of a job's batches.</summary>
internal sealed class BatchQuery : SampleQuery
{
    private const string Done = "done";
    private const string Failed = "failed";
    private const string Retrying = "retrying";
    private const string Proving = "proving";
    private const string Waiting = "waiting";
    private const string Halted = "halted";

    [FromQuery(Name = "state"), Description("Only batches in this state."), AllowedValues(Done, Failed, Retrying, Proving, Waiting, Halted)]
    public string? State { get; init; }

    /// <summary>The state; null for all.</summary>
    public BatchState? Only => Enum.TryParse<BatchState>(State, ignoreCase: true, out var state) ? state : null;

    public override void Read(List<ValidationError> errors)
    {
        base.Read(errors);
        ParameterText.OneOf("state", State, [Done, Failed, Retrying, Proving, Waiting, Halted], errors);
    }
}
