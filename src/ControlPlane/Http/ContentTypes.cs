using System.Collections.Frozen;

namespace VmDataset.ControlPlane.Http;

/// <summary>Content types by file extension; none that a browser would run.</summary>
internal static class ContentTypes
{
    private static readonly FrozenDictionary<string, string> Known = new Dictionary<string, string>
    {
        [".png"] = "image/png",
        [".jpg"] = "image/jpeg",
        [".jpeg"] = "image/jpeg",
        [".gif"] = "image/gif",
        [".webp"] = "image/webp",
        [".mp4"] = "video/mp4",
        [".webm"] = "video/webm",
        [".txt"] = "text/plain; charset=utf-8",
        [".json"] = "application/json",
        [".jsonl"] = "application/jsonl",
        [".md"] = "text/markdown; charset=utf-8",
        [".parquet"] = "application/vnd.apache.parquet",
        [".tar"] = "application/x-tar",
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    private const string Other = "application/octet-stream";

    /// <summary>All that a file can have, without parameters, in order.</summary>
    public static string[] All { get; } = [Other, .. Known.Values.Select(static type => type.Split(';')[0]).Distinct()
        .Order(StringComparer.Ordinal)];

    public static string Of(string path) => Known.GetValueOrDefault(Path.GetExtension(path), Other);
}
