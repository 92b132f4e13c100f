using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Web;

namespace VmDataset.Tests;

/// <summary>An OpenID Connect issuer on this machine that signs everybody in.</summary>
public sealed class FakeIssuer : IAsyncDisposable
{
    public const string ClientId = "console";
    public const string ClientSecret = "s3cret:/";
    private readonly HttpListener _listener;
    private readonly ConcurrentDictionary<string, (string Challenge, string Nonce, string RedirectUri)> _codes = new();
    private readonly Task _serving;

    /// <param name="host">A name of this machine. Another one than the server's makes the two different sites for a browser.</param>
    public FakeIssuer(string host = "127.0.0.1")
    {
        while (true)
        {
            Issuer = $"http://{host}:{Random.Shared.Next(20_000, 60_000)}";
            // One that could not start is closed for good.
            _listener = new HttpListener();
            _listener.Prefixes.Add(Issuer + "/");
            try
            {
                _listener.Start();
                break;
            }
            catch (HttpListenerException)
            {
                // Somebody listens there.
            }
        }

        _serving = ServeAsync();
    }

    public string Issuer { get; }

    public RSA Rsa { get; } = RSA.Create(2048);

    /// <summary>The claims of the next ID tokens; those that the standard asks for are added.</summary>
    public Dictionary<string, object> Claims { get; set; } = new() { ["sub"] = "alice", ["name"] = "Alice", ["roles"] = new[] { "submit" } };

    /// <summary>Whether it shows a page with a button first, as where nobody is signed in yet.</summary>
    public bool Asks { get; set; }

    public TimeSpan Lifetime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Who was sent here to sign in: the query of each request.</summary>
    public ConcurrentQueue<string> SignIns { get; } = [];

    /// <summary>What the discovery document says of the token endpoint.</summary>
    public string[] TokenAuthentication { get; set; } = ["client_secret_basic"];

    /// <summary>A token that this issuer has signed.</summary>
    public string Token(string audience, Dictionary<string, object> claims)
    {
        var now = DateTimeOffset.UtcNow;
        Dictionary<string, object> all = new(claims)
        {
            ["iss"] = Issuer,
            ["aud"] = audience,
            ["iat"] = now.ToUnixTimeSeconds(),
            ["exp"] = (now + Lifetime).ToUnixTimeSeconds(),
        };
        var text = Encode("""{"alg":"RS256","kid":"one"}"""u8) + "." + Encode(JsonSerializer.SerializeToUtf8Bytes(all));
        return text + "." + Encode(Rsa.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }

    public async ValueTask DisposeAsync()
    {
        if (_listener.IsListening) _listener.Stop();
        await _serving;
        _listener.Close();
        Rsa.Dispose();
    }

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                var context = await _listener.GetContextAsync();
                await AnswerAsync(context.Request, context.Response);
                context.Response.Close();
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
            {
                // It is stopped, or the other side is gone.
            }
        }
    }

    private async Task AnswerAsync(HttpListenerRequest request, HttpListenerResponse response)
    {
        var query = request.QueryString;
        switch (request.Url!.AbsolutePath)
        {
            case "/.well-known/openid-configuration":
                await WriteAsync(response, new
                {
                    issuer = Issuer,
                    jwks_uri = Issuer + "/keys",
                    authorization_endpoint = Issuer + "/authorize",
                    token_endpoint = Issuer + "/token",
                    token_endpoint_auth_methods_supported = TokenAuthentication,
                });
                break;
            case "/keys":
                var key = Rsa.ExportParameters(false);
                await WriteAsync(response, new { keys = new[] { new { kty = "RSA", use = "sig", kid = "one", n = Encode(key.Modulus), e = Encode(key.Exponent) } } });
                break;
            case "/authorize":
                SignIns.Enqueue(request.Url.Query);
                var code = Guid.NewGuid().ToString("N");
                _codes[code] = (query["code_challenge"] ?? "", query["nonce"] ?? "", query["redirect_uri"] ?? "");
                var back = $"{query["redirect_uri"]}?code={code}&state={Uri.EscapeDataString(query["state"] ?? "")}";
                if (!Asks)
                {
                    response.Redirect(back);
                    break;
                }

                response.ContentType = "text/html";
                await response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes($"<link rel=icon href=data:,><a href=\"{WebUtility.HtmlEncode(back)}\">It is me</a>"));
                break;
            case "/token":
                await RedeemAsync(request, response);
                break;
            default:
                response.StatusCode = 404;
                break;
        }
    }

    private async Task RedeemAsync(HttpListenerRequest request, HttpListenerResponse response)
    {
        using var reader = new StreamReader(request.InputStream);
        var form = HttpUtility.ParseQueryString(await reader.ReadToEndAsync());
        var challenge = Encode(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"] ?? "")));
        // RFC 6749, 2.3.1: both are encoded as in a form, then joined.
        var basic = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{ClientId}:{Uri.EscapeDataString(ClientSecret)}"));
        var isClient = TokenAuthentication.Contains("client_secret_basic") ? request.Headers["Authorization"] == basic
            : form["client_secret"] == ClientSecret;
        // A code is good for once.
        var isKnown = _codes.TryRemove(form["code"] ?? "", out var begun);
        if (!isClient || !isKnown || begun.Challenge != challenge || begun.RedirectUri != form["redirect_uri"]
            || form["client_id"] != ClientId || form["grant_type"] != "authorization_code")
        {
            response.StatusCode = 400;
            await WriteAsync(response, new { error = "invalid_grant", error_description = "the code <b>is</b> not good" });
            return;
        }

        await WriteAsync(response, new
        {
            access_token = "opaque",
            token_type = "Bearer",
            id_token = Token(ClientId, new Dictionary<string, object>(Claims) { ["nonce"] = Claims.GetValueOrDefault("nonce", begun.Nonce) }),
        });
    }

    private static async Task WriteAsync(HttpListenerResponse response, object body)
    {
        response.ContentType = "application/json";
        await response.OutputStream.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(body));
    }

    private static string Encode(ReadOnlySpan<byte> bytes) => Base64Url.EncodeToString(bytes);
}
