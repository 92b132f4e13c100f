namespace VmDataset.ControlPlane.Auth;

/// <summary>A caller's role; each role includes the ones before it.</summary>
public enum Role
{
    /// <summary>Read everything.</summary>
    Read,

    /// <summary>Submit and control jobs.</summary>
    Submit,

    /// <summary>Create and revoke keys, and handle dead letters.</summary>
    Admin,
}
