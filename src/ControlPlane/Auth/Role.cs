namespace VmDataset.ControlPlane.Auth;

/// <summary>What a caller may do. Each role includes the ones before it.</summary>
public enum Role
{
    /// <summary>Look at everything.</summary>
    Read,

    /// <summary>Submit jobs and steer them.</summary>
    Submit,

    /// <summary>Make and revoke keys, and decide over dead letters.</summary>
    Admin,
}
