namespace VmDataset.ControlPlane.Webhooks;

/// <summary>Signs messages by the Standard Webhooks specification 1.0.0 (<c>v1</c>, HMAC-SHA-256).</summary>
internal sealed class WebhookSigner(WebhookOptions options)
{
    /// <param name="id">Must not hold a full stop, as that parts what is signed.</param>
    /// <param name="timestamp">Seconds since 1970.</param>
    /// <param name="body">The bytes as they are sent.</param>
    /// <returns>One signature per key, parted by spaces.</returns>
    public string Sign(string id, long timestamp, ReadOnlySpan<byte> body)
    {
        byte[] content = [.. Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{timestamp}.")), .. body];
        return string.Join(' ', options.Keys.Select(key => "v1," + Convert.ToBase64String(HMACSHA256.HashData(key, content))));
    }
}
