using VmDataset.ControlPlane.Jobs.Submission;

namespace VmDataset.ControlPlane.Jobs.Plans;

/// <summary>A request for a plan: a job's request, and what it is to be reckoned for.</summary>
public sealed record PlanRequest : JobRequest
{
    internal const string FleetField = "fleet";
    internal const string CalibrateField = "calibrate";

    /// <summary>The AWS fleet to reckon for. Default: the deployed one, or this machine on the local backend.</summary>
    public FleetRequest? Fleet { get; init; }

    /// <summary>
    /// Draws eight samples of each generator first, as a preview does, and reckons with them; for at most eight generators, and only where
    /// a worker is embedded.
    /// </summary>
    [DefaultValue(false)]
    public bool Calibrate { get; init; }
}
