namespace VmDataset.ControlPlane.Console.Layout;

/// <summary>What every page knows of its request.</summary>
public sealed record PageContext
{
    /// <summary>The path of the page, which the navigation marks.</summary>
    public required string Path { get; init; }

    /// <summary>Who is signed in; null on pages for everybody.</summary>
    public Caller? Caller { get; init; }

    /// <summary>Whether the API needs no credentials, so that there is nobody to sign out.</summary>
    public required bool IsOpen { get; init; }

    /// <summary>The token that the page's forms carry.</summary>
    public required string Token { get; init; }

    /// <summary>Time of the request, by which ages are told.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>Seconds between two readings of a page that follows a job.</summary>
    public required int RefreshSeconds { get; init; }

    /// <summary>Whether the caller may do what a role may do.</summary>
    public bool May(Role role) => Caller?.Role >= role;
}
