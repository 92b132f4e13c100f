namespace VmDataset.ControlPlane.Auth;

/// <summary>Roles as JSON, tokens and the command line write them.</summary>
internal static class RoleName
{
    public static string Of(Role role) => role switch
    {
        Role.Read => "read",
        Role.Submit => "submit",
        _ => "admin",
    };

    /// <summary>Null for any other text.</summary>
    public static Role? Parse(string text) => text switch
    {
        "read" => Role.Read,
        "submit" => Role.Submit,
        "admin" => Role.Admin,
        _ => null,
    };
}
