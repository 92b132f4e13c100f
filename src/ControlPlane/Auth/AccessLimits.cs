using VmDataset.ControlPlane.Settings;

namespace VmDataset.ControlPlane.Auth;

/// <summary>The limits that hold: a key's own before the settings', those before the defaults.</summary>
internal sealed class AccessLimits(BackendOptions engine, AccessMode door)
{
    private const int DefaultRequestsPerMinute = 600;

    /// <summary>Null for any number.</summary>
    public int? RequestsPerMinute => engine.Access.RequestsPerMinute ?? (door.IsOpen ? null : DefaultRequestsPerMinute);

    /// <summary>Null for any number.</summary>
    public int? OpenJobs(Caller caller) => caller.MaxOpenJobs ?? engine.Access.MaxOpenJobs;

    /// <summary>Null for any number.</summary>
    public long? OpenSamples(Caller caller) => caller.MaxOpenSamples ?? engine.Access.MaxOpenSamples;
}
