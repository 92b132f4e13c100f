using System.Collections.Frozen;

namespace VmDataset.ControlPlane.Console.Layout;

/// <summary>The console's own files. They are part of the assembly, so every host serves them, and their addresses change with their
/// content, so browsers may keep them.</summary>
internal static class AssetFiles
{
    public const string Path = "/assets";

    private static readonly FrozenDictionary<string, Asset> Files = new[]
    {
        Read("console.css", "text/css; charset=utf-8"),
        Read("hover-video.js", "text/javascript; charset=utf-8"),
        Read("htmx.min.js", "text/javascript; charset=utf-8"),
        Read("icon.svg", "image/svg+xml"),
    }.ToFrozenDictionary(static asset => asset.Name, StringComparer.Ordinal);

    public static string Url(string name) => $"{Path}/{Files[name].Hash}/{name}";

    // Styles and scripts are public, like this repository.
    public static void MapAssets(this IEndpointRouteBuilder app) =>
        app.MapGet(Path + "/{hash}/{name}", Get).AllowAnonymous().DisableRateLimiting().ExcludeFromDescription();

    private static IResult Get(string hash, string name, HttpResponse response)
    {
        if (!Files.TryGetValue(name, out var asset) || asset.Hash != hash) return Problem.NotFound($"There is no file '{name}' here.");
        response.Headers.CacheControl = "public, max-age=31536000, immutable";
        return TypedResults.Bytes(asset.Content, asset.ContentType);
    }

    private static Asset Read(string name, string contentType)
    {
        using var stream = typeof(AssetFiles).Assembly.GetManifestResourceStream($"assets/{name}")!;
        using var content = new MemoryStream();
        stream.CopyTo(content);
        var bytes = content.ToArray();
        return new Asset(name, contentType, bytes, Convert.ToHexStringLower(SHA256.HashData(bytes))[..16]);
    }

    private sealed record Asset(string Name, string ContentType, byte[] Content, string Hash);
}
