namespace VmDataset.ControlPlane.Console.Layout;

/// <summary>The headers of pages: they run this server's scripts alone, and nobody keeps them.</summary>
internal static class PageHeaders
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    public static void Set(HttpContext http)
    {
        // Pictures and videos come from the bucket's host where there is a bucket.
        var media = http.RequestServices.GetRequiredService<BackendOptions>().Engine == BackendKind.Aws ? "'self' https:" : "'self'";
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = $"{Policy}; img-src {media}; media-src {media}";
        headers.CacheControl = "no-store";
        headers.Vary = "HX-Request";
        // With no-referrer the browser would send the pages' own forms without their origin.
        headers["Referrer-Policy"] = "same-origin";
    }
}
