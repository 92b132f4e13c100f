using System.Buffers.Text;

namespace VmDataset.ControlPlane.Console.Layout;

/// <summary>
/// The token against forged forms: a hash, keyed with a random cookie and the caller's key, that every form of a page carries. A page of
/// another site can read neither. The framework's antiforgery keeps keys on the machine, which the instances of a function do not share.
/// </summary>
internal static class FormToken
{
    public const string Field = "form_token";

    private const string Name = "vmds_form";
    private const int SecretBytes = 32;

    private static string CookieName(HttpRequest request) => request.IsHttps ? "__Host-" + Name : Name;

    /// <summary>The token of a page's forms; gives the browser its cookie where it has none.</summary>
    public static string Of(HttpContext http)
    {
        if (http.Items[typeof(FormToken)] is string made) return made;
        if (SecretOf(http.Request) is not { } secret)
        {
            secret = RandomNumberGenerator.GetBytes(SecretBytes);
            http.Response.Cookies.Append(CookieName(http.Request), Base64Url.EncodeToString(secret), SignInCookie.Options(http.Request));
        }

        var token = Token(secret, http);
        http.Items[typeof(FormToken)] = token;
        return token;
    }

    /// <summary>Refuses every request that is not a read and does not come from a form of the caller's own pages.</summary>
    public static async ValueTask<object?> FilterAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var http = invocation.HttpContext;
        if (HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method)) return await next(invocation);
        if (!http.Request.HasFormContentType) return Problem.Of(StatusCodes.Status415UnsupportedMediaType,
            $"Content-Type is {http.Request.ContentType ?? "missing"}; allowed: the content of a form of this page.");
        if (CrossSite.IsFromAnotherSite(http.Request)) return Forged("It was sent from a page of another site");
        var form = await ReadAsync(http);
        return IsValid(http, form[Field]) ? await next(invocation) : Forged("Its token is missing, or of another sign-in");
    }

    private static async Task<IFormCollection> ReadAsync(HttpContext http)
    {
        try
        {
            return await http.Request.ReadFormAsync(http.RequestAborted);
        }
        catch (InvalidDataException exception)
        {
            throw new BadHttpRequestException($"The form cannot be read: {exception.Message}", exception);
        }
    }

    private static bool IsValid(HttpContext http, string? token) =>
        SecretOf(http.Request) is { } secret && token is not null
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(token), Encoding.UTF8.GetBytes(Token(secret, http)));

    private static ProblemHttpResult Forged(string why) => Problem.Of(StatusCodes.Status400BadRequest,
        $"The form was refused. {why}; allowed: a form of this server's own pages. Go back, reload the page and send it again.");

    private static byte[]? SecretOf(HttpRequest request)
    {
        if (!request.Cookies.TryGetValue(CookieName(request), out var text) || text.Length != Base64Url.GetEncodedLength(SecretBytes))
            return null;
        var secret = new byte[SecretBytes];
        return Base64Url.TryDecodeFromChars(text, secret, out var written) && written == SecretBytes ? secret : null;
    }

    // A sibling host could set the cookie; it does not know the key.
    private static string Token(byte[] secret, HttpContext http) => Base64Url.EncodeToString(HMACSHA256.HashData(
        secret, Encoding.UTF8.GetBytes($"form\n{Caller.Of(http.User)?.Id}\n{SignInCookie.TextOf(http.Request)}")));
}
