using VmDataset.ControlPlane.Jobs.Views;

namespace VmDataset.ControlPlane.Jobs.Samples;

/// <summary>A page that shows a job's samples to people; all it knows comes from the API.</summary>
internal static partial class GalleryPage
{
    private static readonly string Html = Load();

    // Only the page's own script and style, known by their hashes: samples are foreign data. On AWS they come from the bucket's host.
    private static readonly string Policy =
        $"default-src 'none'; connect-src 'self' https:; img-src 'self' https: blob:; media-src 'self' https: blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; script-src {Hash(Script())}; style-src {Hash(Style())}";

    public static void MapGallery(this IEndpointRouteBuilder app)
    {
        // The page is the same for every job; what it shows it asks the API for, with its user's key.
        app.MapGet("/jobs/{id}", Get).AllowAnonymous().ExcludeFromDescription();
    }

    // Whether there is such a job the page itself asks the API.
    private static Results<ContentHttpResult, ProblemHttpResult> Get(string id, HttpResponse response)
    {
        if (!JobId.IsValid(id)) return JobLookup.Malformed(id);
        response.Headers.ContentSecurityPolicy = Policy;
        return TypedResults.Content(Html, "text/html", Encoding.UTF8);
    }

    private static string Load()
    {
        using var stream = typeof(GalleryPage).Assembly.GetManifestResourceStream("Gallery.html")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    private static string Hash(Regex element) =>
        $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(element.Match(Html).Groups[1].Value)))}'";

    [GeneratedRegex("<script>(.*?)</script>", RegexOptions.Singleline)]
    private static partial Regex Script();

    [GeneratedRegex("<style>(.*?)</style>", RegexOptions.Singleline)]
    private static partial Regex Style();
}
