namespace VmDataset.ControlPlane.Auth;

/// <summary>Where a request carries its key or token.</summary>
internal static class Credential
{
    /// <summary>A key's other place, for where Authorization is taken, as by AWS's signatures.</summary>
    public const string Header = "X-Api-Key";

    private const string Bearer = "Bearer ";

    /// <summary>Whether a sign-in has left the credential in the browser, and no header names another.</summary>
    public static bool IsFromCookie(HttpRequest request) =>
        request.Headers[Header].Count == 0 && request.Headers.Authorization.Count == 0;

    /// <summary>The text of the request's key or token; null if it has none.</summary>
    public static string? TextOf(HttpRequest request)
    {
        if (request.Headers[Header] is { Count: > 0 } own) return own.ToString().Trim();
        if (request.Headers.Authorization.ToString() is { Length: > 0 } header)
            return header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? header[Bearer.Length..].Trim() : null;
        return SignInCookie.TextOf(request);
    }
}
