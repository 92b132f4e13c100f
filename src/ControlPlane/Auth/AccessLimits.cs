namespace VmDataset.ControlPlane.Auth;

/// <summary>The limits that hold: a key's own before the settings', those before the defaults.</summary>
internal sealed class AccessLimits(AccessOptions access, AccessMode mode)
{
    private const int DefaultRequestsPerMinute = 600;

    /// <summary>Null for any number.</summary>
    public int? RequestsPerMinute => access.RequestsPerMinute ?? (mode.IsOpen ? null : DefaultRequestsPerMinute);

    /// <summary>Null for any number.</summary>
    public int? OpenJobs(Caller caller) => caller.MaxOpenJobs ?? access.MaxOpenJobs;

    /// <summary>Null for any number.</summary>
    public long? OpenSamples(Caller caller) => caller.MaxOpenSamples ?? access.MaxOpenSamples;
}
