namespace VmDataset.ControlPlane.Webhooks;

/// <summary>How webhooks are signed and where they may go.</summary>
public sealed class WebhookOptions : IValidatableObject
{
    private const string Prefix = "whsec_";

    // https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md, "Signature scheme"
    private const int MinBytes = 24;
    private const int MaxBytes = 64;

    /// <summary>The keys as texts, parted by spaces.</summary>
    [Setting(Name = "WEBHOOK_SECRET")]
    public string Secrets { get; init; } = "";

    /// <summary>Each signs every message, so that receivers can go from one to the next. Empty if no webhooks are sent.</summary>
    public IReadOnlyList<byte[]> Keys => [.. Words().Select(Key).OfType<byte[]>()];

    /// <summary>Whether receivers may have private addresses and plain http.</summary>
    [Setting(Name = "WEBHOOK_ALLOW_PRIVATE")]
    public bool AllowPrivate { get; init; }

    // The text itself may be almost a secret, and start-up errors end in logs.
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var (index, word) in Words().Index())
        {
            if (Key(word) is not null) continue;
            yield return new($"WEBHOOK_SECRET is wrong in secret {index + 1} of {Words().Length}; allowed: {Prefix} and then "
                + $"{MinBytes} to {MaxBytes} bytes in Base64, or several such secrets parted by spaces.");
        }
    }

    private string[] Words() => Secrets.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static byte[]? Key(string secret)
    {
        var bytes = new byte[MaxBytes];
        return secret.StartsWith(Prefix, StringComparison.Ordinal)
            && Convert.TryFromBase64String(secret[Prefix.Length..], bytes, out var length) && length >= MinBytes
            ? bytes[..length]
            : null;
    }
}

[OptionsValidator]
internal sealed partial class WebhookOptionsValidator : IValidateOptions<WebhookOptions>;
