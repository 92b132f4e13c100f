namespace VmDataset.ControlPlane.Auth;

/// <summary>The cookie that holds a key's text or an issuer's ID token after a sign-in, since a browser cannot send a header with a link or
/// a picture.</summary>
internal static class SignInCookie
{
    private const string Name = "vmds_key";

    /// <summary>Over https no other host, and nobody on the way, can set a cookie of this prefix.</summary>
    private static string NameFor(HttpRequest request) => request.IsHttps ? "__Host-" + Name : Name;

    /// <summary>The key or token; null where there is none, or where a forged request could use it.</summary>
    public static string? TextOf(HttpRequest request) =>
        IsSafe(request) && request.Cookies.TryGetValue(NameFor(request), out var text) ? text : null;

    public static void Set(HttpContext http, string credential) =>
        http.Response.Cookies.Append(NameFor(http.Request), credential, Options(http.Request));

    public static void Delete(HttpContext http) => http.Response.Cookies.Delete(NameFor(http.Request), Options(http.Request));

    /// <summary>No script reads it, no other site sends it, and it ends with the browser's session.</summary>
    public static CookieOptions Options(HttpRequest request) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Secure = request.IsHttps,
        Path = "/",
        IsEssential = true,
    };

    // Whatever changes something takes the cookie only where a form's token is asked for too.
    private static bool IsSafe(HttpRequest request) => CrossSite.IsRead(request.Method)
        || request.HttpContext.GetEndpoint()?.Metadata.GetMetadata<FormTokenRequired>() is not null;
}

/// <summary>Metadata of endpoints that refuse a request without the token of a form of ours.</summary>
internal sealed class FormTokenRequired;
