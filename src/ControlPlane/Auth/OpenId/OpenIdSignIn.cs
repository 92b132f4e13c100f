using System.Net.Http.Headers;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using VmDataset.ControlPlane.Auth.Tokens;

namespace VmDataset.ControlPlane.Auth.OpenId;

/// <summary>
/// Signs people in at the issuer by OpenID Connect's authorization code flow with PKCE. The ID token is then the credential in the
/// browser's cookie: nothing about a sign-in is stored, and every instance of the server can judge it.
/// </summary>
internal sealed class OpenIdSignIn(AccessOptions access, IOptionsMonitor<JwtBearerOptions> bearer, TokenIssuer issuer, TimeProvider time)
{
    /// <summary>Sends a browser to the issuer.</summary>
    public const string Path = "/sign-in/openid";

    /// <summary>Where the issuer sends it back to.</summary>
    public const string CallbackPath = Path + "/callback";

    // Browsers keep no cookie of more than 4,096 bytes, its name and attributes included.
    private const int MaxToken = 3_800;

    private static readonly JsonWebTokenHandler Tokens = new() { MapInboundClaims = false };

    public bool IsOffered => access.SignInClientId is not null;

    /// <summary>The issuer's host, for people.</summary>
    public string Issuer => access.JwtAuthority!.Authority;

    /// <summary>Whether the browser holds an ID token whose time has run out: the issuer may give another one without asking
    /// anybody.</summary>
    public bool HasExpired(HttpRequest request) => IsOffered && SignInCookie.TextOf(request) is { } text
        && Tokens.CanReadToken(text) && Tokens.ReadJsonWebToken(text).ValidTo < time.GetUtcNow();

    private JwtBearerOptions Bearer => bearer.Get(JwtBearerDefaults.AuthenticationScheme);

    /// <summary>The address of the issuer's page to which the browser is to be sent.</summary>
    /// <exception cref="ServiceUnavailableException">The issuer does not answer.</exception>
    public async Task<string> AddressAsync(HttpContext http, PendingSignIn pending)
    {
        var configuration = await issuer.RequireAsync(Bearer, http.RequestAborted);
        var message = new OpenIdConnectMessage
        {
            IssuerAddress = configuration.AuthorizationEndpoint,
            ClientId = access.SignInClientId,
            RedirectUri = RedirectUri(http.Request),
            ResponseType = OpenIdConnectResponseType.Code,
            Scope = access.SignInScope,
            State = pending.State,
            Nonce = pending.Nonce,
            // The library's name and version are nobody's business.
            EnableTelemetryParameters = false,
        };
        message.SetParameter("code_challenge", pending.Challenge);
        message.SetParameter("code_challenge_method", "S256");
        return message.CreateAuthenticationRequestUrl();
    }

    /// <summary>Gives the issuer's code back for the ID token.</summary>
    /// <returns>The token, or why there is none, for the person who signs in.</returns>
    /// <exception cref="ServiceUnavailableException">The issuer does not answer.</exception>
    public async Task<(string? Token, string? Refusal)> RedeemAsync(HttpContext http, PendingSignIn pending, string code)
    {
        var configuration = await issuer.RequireAsync(Bearer, http.RequestAborted);
        var answer = await AskAsync(http, configuration, pending, code);
        if (answer.IdToken is not { Length: > 0 } token)
            return (null, $"{Issuer} gave no ID token: {answer.ErrorDescription ?? answer.Error ?? "its answer has none"}.");
        if (token.Length > MaxToken)
            return (null, $"The ID token has {token.Length:N0} characters; allowed: up to {MaxToken:N0}, as browsers keep no longer cookie. "
                + "The issuer must put fewer claims into it.");
        var parameters = Bearer.TokenValidationParameters.Clone();
        parameters.ValidAudiences = [access.SignInClientId];
        parameters.ValidIssuer = configuration.Issuer;
        parameters.IssuerSigningKeys = configuration.SigningKeys;
        var result = await Tokens.ValidateTokenAsync(token, parameters);
        if (!result.IsValid) return (null, $"The ID token of {Issuer} does not hold: {result.Exception.GetType().Name}.");
        if (!result.Claims.TryGetValue("nonce", out var nonce) || nonce as string != pending.Nonce)
            return (null, $"The ID token of {Issuer} belongs to another sign-in. Sign in again.");
        var caller = JwtSetup.ToCaller(new ClaimsPrincipal(result.ClaimsIdentity), access.JwtRoleClaim);
        return caller.Role is not null ? (token, null) : (null,
            $"{caller.Name} has no role here: the claim {access.JwtRoleClaim} of the ID token names none of read, submit and admin.");
    }

    private async Task<OpenIdConnectMessage> AskAsync(
        HttpContext http, OpenIdConnectConfiguration configuration, PendingSignIn pending, string code)
    {
        Dictionary<string, string> fields = new()
        {
            ["grant_type"] = "authorization_code",
            ["code"] = code,
            ["redirect_uri"] = RedirectUri(http.Request),
            ["client_id"] = access.SignInClientId!,
            ["code_verifier"] = pending.Verifier,
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, configuration.TokenEndpoint);
        if (access.SignInClientSecret is { } secret)
        {
            // The standard's default where the issuer does not say what it takes.
            if (configuration.TokenEndpointAuthMethodsSupported is { Count: > 0 } methods && !methods.Contains("client_secret_basic"))
                fields["client_secret"] = secret;
            else request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(
                $"{Uri.EscapeDataString(access.SignInClientId!)}:{Uri.EscapeDataString(secret)}")));
        }

        request.Content = new FormUrlEncodedContent(fields);
        try
        {
            using var answer = await Bearer.Backchannel.SendAsync(request, http.RequestAborted);
            return new OpenIdConnectMessage(await answer.Content.ReadAsStringAsync(http.RequestAborted));
        }
        catch (Exception exception) when (exception is HttpRequestException or JsonException or ArgumentException
            || (exception is OperationCanceledException && !http.RequestAborted.IsCancellationRequested))
        {
            throw new ServiceUnavailableException(
                $"{Issuer} (JWT_AUTHORITY) does not answer, so nobody can sign in there; keys go on. Try again.", exception);
        }
    }

    private static string RedirectUri(HttpRequest request) => $"{request.Scheme}://{request.Host}{CallbackPath}";
}
