using System.Buffers.Text;

namespace VmDataset.ControlPlane.Auth.OpenId;

/// <summary>A sign-in that a browser has begun at the issuer. That browser alone keeps it, in a cookie, until the issuer sends it
/// back.</summary>
/// <param name="State">Ties the issuer's answer to this browser.</param>
/// <param name="Nonce">Ties the ID token to this sign-in.</param>
/// <param name="Verifier">Proves to the issuer that who redeems the code has asked for it (RFC 7636).</param>
/// <param name="Return">The path of this server to go to afterwards.</param>
internal sealed record PendingSignIn(string State, string Nonce, string Verifier, string Return)
{
    private const string Name = "vmds_sign_in";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    public static PendingSignIn Begin(string back) => new(Random(), Random(), Random(), back);

    /// <summary>The S256 challenge of the verifier.</summary>
    public string Challenge => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier)));

    /// <summary>The sign-in that this browser has begun; null if it has begun none, or too long ago.</summary>
    public static PendingSignIn? Of(HttpRequest request)
    {
        if (!request.Cookies.TryGetValue(NameFor(request), out var text)) return null;
        try
        {
            var read = JsonSerializer.Deserialize<PendingSignIn>(Base64Url.DecodeFromChars(text));
            return read is { State.Length: > 0, Nonce.Length: > 0, Verifier.Length: > 0, Return: not null } ? read : null;
        }
        catch (Exception exception) when (exception is FormatException or JsonException)
        {
            return null;
        }
    }

    public void Keep(HttpContext http) => http.Response.Cookies.Append(
        NameFor(http.Request), Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(this)), Options(http.Request));

    public static void Forget(HttpContext http) => http.Response.Cookies.Delete(NameFor(http.Request), Options(http.Request));

    private static string NameFor(HttpRequest request) => request.IsHttps ? "__Host-" + Name : Name;

    // The issuer's page leads back here, and a strict cookie does not come along with a link of another site.
    private static CookieOptions Options(HttpRequest request)
    {
        var options = SignInCookie.Options(request);
        options.SameSite = SameSiteMode.Lax;
        options.MaxAge = Patience;
        return options;
    }

    private static string Random() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
}
