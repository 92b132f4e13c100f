using System.Text.Encodings.Web;

namespace VmDataset.ControlPlane.Console.Layout;

/// <summary>The request of a form as a command for a shell.</summary>
internal static class Curl
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly JsonSerializerOptions Compact = new(Indented) { WriteIndented = false };

    public static string Pretty(string json) => JsonSerializer.Serialize(JsonElement.Parse(json), Indented);

    public static string Post(HttpRequest request, string path, string json)
    {
        var key = Caller.Of(request.HttpContext.User)?.Id == Caller.Local.Id ? "" : " \\\n     -H \"X-Api-Key: $VMDS_API_KEY\"";
        // Within single quotes a shell takes everything as it stands, but for the quote itself.
        var body = JsonSerializer.Serialize(JsonElement.Parse(json), Compact).Replace("'", "'\\''", StringComparison.Ordinal);
        return $"curl {request.Scheme}://{request.Host}{path}{key} \\\n     -H 'Content-Type: application/json' \\\n     -d '{body}'";
    }
}
