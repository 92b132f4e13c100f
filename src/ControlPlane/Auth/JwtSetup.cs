using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace VmDataset.ControlPlane.Auth;

/// <summary>Bearer tokens of an OpenID Connect issuer, whose keys are found by discovery.</summary>
internal static class JwtSetup
{
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(30);

    // Asymmetric ones: the issuer's keys are public, and a public key must not do for a shared secret.
    private static readonly string[] Algorithms =
        ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];

    // Longer ones would not fit a log's line or a list of jobs, of which they name the owner.
    private const int MaxSubject = 256;

    public static void AddTokens(this AuthenticationBuilder authentication, AccessOptions access)
    {
        authentication.Services.AddSingleton<TokenIssuer>();
        authentication.AddJwtBearer(options =>
        {
            options.Authority = access.JwtAuthority!.OriginalString;
            options.RequireHttpsMetadata = access.JwtAuthority.Scheme == "https";
            options.BackchannelTimeout = TimeSpan.FromSeconds(5);
            options.MapInboundClaims = false;
            options.TokenValidationParameters = new TokenValidationParameters
            {
                ValidAudience = access.JwtAudience,
                ValidAlgorithms = Algorithms,
                ClockSkew = ClockSkew,
            };
            options.Events = new JwtBearerEvents
            {
                OnMessageReceived = static context => context.HttpContext.RequestServices.GetRequiredService<TokenIssuer>()
                    .RequireAsync(context, Keys.KeyAuthentication.TextOf(context.Request)),
                OnTokenValidated = context =>
                {
                    if (Mistake(context) is { } mistake) context.Fail(new RefusedCredentialException(mistake));
                    else context.Principal = ToCaller(context.Principal!, access.JwtRoleClaim).ToPrincipal(context.Scheme.Name);
                    return Task.CompletedTask;
                },
            };
        });
    }

    /// <summary>Why a token was refused, without what it holds.</summary>
    public static string Reason(Exception failure) => failure switch
    {
        RefusedCredentialException refused => refused.Message,
        SecurityTokenExpiredException expired => $"The token expired at {expired.Expires:yyyy-MM-dd'T'HH:mm:ss'Z'}.",
        SecurityTokenNotYetValidException => "The token is not valid yet.",
        SecurityTokenInvalidAudienceException => "The token is meant for another audience.",
        SecurityTokenInvalidIssuerException => "The token is of another issuer.",
        SecurityTokenNoExpirationException => "The token never expires, which is not accepted.",
        SecurityTokenInvalidSignatureException or SecurityTokenInvalidAlgorithmException => "The token's signature is not one of the issuer's.",
        _ => "The credential is neither a key of this API nor a token that can be checked.",
    };

    /// <summary>What is wrong with a token of the issuer's; null for nothing.</summary>
    private static string? Mistake(TokenValidatedContext context)
    {
        // RFC 7515, 4.1.11: it names what must be understood, and nothing beyond the standard is.
        if (context.SecurityToken is not JsonWebToken token || token.TryGetHeaderValue<object>("crit", out _))
            return "The token's header has crit, which demands what this server does not know.";
        return context.Principal!.FindFirstValue("sub") switch
        {
            null or "" => "The token has no subject (sub).",
            var subject when !IsSubject(subject) => $"The token's subject (sub) is not 1 to {MaxSubject} characters without control characters.",
            _ => null,
        };
    }

    private static bool IsSubject(string text) =>
        text.Length <= MaxSubject && !string.IsNullOrWhiteSpace(text) && !text.Any(Keys.KeyRequestReader.IsControl);

    private static Caller ToCaller(ClaimsPrincipal token, string roleClaim)
    {
        var subject = token.FindFirstValue("sub")!;
        var name = token.FindFirstValue("name");
        // An array gives a claim for each element; a scope is one text of words.
        var words = token.FindAll(roleClaim).SelectMany(static claim => claim.Value.Split(' ')).Select(Keys.KeyRequestReader.ReadRole);
        return new Caller { Id = "jwt:" + subject, Name = name is not null && Keys.KeyRequestReader.IsName(name) ? name : subject, Role = words.Max() };
    }
}
