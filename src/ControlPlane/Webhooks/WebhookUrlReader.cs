using System.Net;

namespace VmDataset.ControlPlane.Webhooks;

/// <summary>Reads the field <c>webhook_url</c> of a job.</summary>
internal sealed class WebhookUrlReader(WebhookOptions options)
{
    public const int MaxLength = 2_048;

    private const string Field = "webhook_url";

    /// <returns>Null when it is absent or, with an error noted, wrong.</returns>
    public Uri? Read(JsonFields fields)
    {
        var allowPrivate = options.AllowPrivate;
        var rule = $"an absolute {(allowPrivate ? "http or https" : "https")} URL of at most 2,048 characters, without user name, password, fragment or the port 0";
        Uri? url = null;
        var text = fields.Text(Field, required: false, text => TryParse(text, allowPrivate, out url), rule);
        if (text is null || url is null) return null;
        if (options.Keys.Count == 0)
            fields.Refuse(Field, $"{Field} is set, and this server has no secret to sign with; allowed: nothing, until its setting WEBHOOK_SECRET is there.");
        // A name is resolved only when it is connected to, so this is for the eyes of whoever asks, and not the guard.
        else if (!allowPrivate && IsPrivate(url))
            fields.Refuse(Field, $"{Field} leads to {url.Host}, which is not a public address; allowed: public addresses.");
        return url;
    }

    private static bool TryParse(string text, bool allowHttp, out Uri? url) =>
        // Spaces around it would be dropped in silence.
        Uri.TryCreate(text, UriKind.Absolute, out url) && text.Length <= MaxLength && text.Trim() == text
            && url.IsWellFormedOriginalString()
        && (url.Scheme == Uri.UriSchemeHttps || (allowHttp && url.Scheme == Uri.UriSchemeHttp))
        && url is { UserInfo: "", Fragment: "", Host.Length: > 0, Port: not 0 };

    private static bool IsPrivate(Uri url)
    {
        var host = url.IdnHost.TrimEnd('.');
        // RFC 6761 keeps the name and all below it for loopback.
        return IPAddress.TryParse(host, out var address)
            ? !PublicAddress.Is(address)
            : host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
                || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);
    }
}
