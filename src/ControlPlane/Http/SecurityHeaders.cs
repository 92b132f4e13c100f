namespace VmDataset.ControlPlane.Http;

/// <summary>Headers that keep browsers from doing more with an answer than it is meant for. An endpoint's own headers stay.</summary>
internal static class SecurityHeaders
{
    private const string ReferrerPolicy = "Referrer-Policy";
    private const string Data = "default-src 'none'; frame-ancestors 'none'";

    // Swagger UI styles its elements from its script.
    private const string Swagger =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static void UseSecurityHeaders(this WebApplication app) => app.Use(static (context, next) =>
    {
        // At the start of the answer, since an unhandled error clears the headers set before it.
        context.Response.OnStarting(static state =>
        {
            Set((HttpContext)state);
            return Task.CompletedTask;
        }, context);
        return next(context);
    });

    private static void Set(HttpContext http) =>
        Set(http.Response.Headers, http.Request.IsHttps, http.Request.Path.StartsWithSegments("/swagger"));

    /// <summary>For an answer of which the headers are there already.</summary>
    public static void Set(IHeaderDictionary headers, bool isHttps, bool isSwagger)
    {
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        if (!headers.ContainsKey(ReferrerPolicy)) headers[ReferrerPolicy] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        if (headers.ContentSecurityPolicy.Count == 0) headers.ContentSecurityPolicy = isSwagger ? Swagger : Data;
        // Answers tell of what changes, and to whom: nobody keeps them on the way.
        if (headers.CacheControl.Count == 0 && headers.ContentType.ToString()
            .Contains("json", StringComparison.Ordinal)) headers.CacheControl = "no-store";
        if (isHttps) headers.StrictTransportSecurity = "max-age=31536000";
    }
}
