using VmDataset.ControlPlane.Jobs.Views;

namespace VmDataset.ControlPlane.Jobs.Failures;

/// <summary>A page of a job's failures, or of their causes.</summary>
internal class FailureCauseQuery : GeneratorQuery
{
    protected override bool IsCursor(string text) => FailureReader.IsCursor(text);
}
