using System.Buffers.Text;

namespace VmDataset.ControlPlane.Auth;

/// <summary>What a caller sends: <c>vmd_&lt;id&gt;_&lt;secret&gt;</c>, the secret being 32 random bytes in base64url.</summary>
internal static partial class KeyText
{
    /// <summary>Tells a key from other bearer tokens, and lets scanners for leaked secrets find it.</summary>
    public const string Prefix = "vmd_";

    private const int SecretBytes = 32;

    public static (string Id, string Text) New()
    {
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6));
        return (id, $"{Prefix}{id}_{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes))}");
    }

    /// <summary>The id that a key's text names; null for a text that is no key.</summary>
    public static string? IdOf(string text) => Form().Match(text) is { Success: true } match ? match.Groups[1].Value : null;

    public static bool IsId(string text) => Id().IsMatch(text);

    public static string Sha256(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>In a time that does not tell how much of it is right.</summary>
    public static bool Matches(string text, string sha256) =>
        CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Sha256(text)), Encoding.ASCII.GetBytes(sha256));

    [GeneratedRegex(@"^vmd_([a-z0-9]{1,32})_[A-Za-z0-9_-]{43}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form();

    [GeneratedRegex(@"^[a-z0-9]{1,32}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Id();
}
