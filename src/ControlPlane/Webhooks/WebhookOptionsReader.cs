using System.Globalization;
using VmDataset.Pipeline.Settings;

namespace VmDataset.ControlPlane.Webhooks;

internal static class WebhookOptionsReader
{
    private const string Prefix = "whsec_";

    // https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md, "Signature scheme"
    private const int MinBytes = 24;
    private const int MaxBytes = 64;

    public static WebhookOptions Read(SettingsReader settings)
    {
        var words = (settings.Text("WebhookSecret") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        List<ReadOnlyMemory<byte>> keys = [];
        foreach (var (index, word) in words.Index())
        {
            if (Key(word) is { } key) keys.Add(key);
            // The text itself may be almost a secret, and start-up errors end in logs.
            else settings.Mistake(string.Create(CultureInfo.InvariantCulture, $"WEBHOOK_SECRET is wrong in secret {index + 1} of {words.Length}; allowed: {Prefix} and then {MinBytes} to {MaxBytes} bytes in Base64, or several such secrets parted by spaces."));
        }

        return new WebhookOptions { Keys = keys, AllowPrivate = settings.Flag("WebhookAllowPrivate", false) };
    }

    private static byte[]? Key(string secret)
    {
        var bytes = new byte[MaxBytes];
        return secret.StartsWith(Prefix, StringComparison.Ordinal)
            && Convert.TryFromBase64String(secret[Prefix.Length..], bytes, out var length) && length >= MinBytes
            ? bytes[..length]
            : null;
    }
}
