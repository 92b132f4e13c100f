using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.Tokens;

namespace VmDataset.ControlPlane.Access;

/// <summary>Bearer tokens of an OpenID Connect issuer, whose keys are found by discovery.</summary>
internal static class JwtSetup
{
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(30);

    // Asymmetric ones: the issuer's keys are public, and a public key must not do for a shared secret.
    private static readonly string[] Algorithms =
        ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];

    public static void AddTokens(this AuthenticationBuilder authentication, AccessOptions access) =>
        authentication.AddJwtBearer(options =>
        {
            options.Authority = access.JwtAuthority!.OriginalString;
            options.RequireHttpsMetadata = access.JwtAuthority.Scheme == "https";
            options.BackchannelTimeout = TimeSpan.FromSeconds(10);
            options.MapInboundClaims = false;
            options.TokenValidationParameters = new TokenValidationParameters
            {
                ValidAudience = access.JwtAudience,
                ValidAlgorithms = Algorithms,
                ClockSkew = ClockSkew,
            };
            options.Events = new JwtBearerEvents
            {
                OnTokenValidated = context =>
                {
                    if (ToCaller(context.Principal!, access.JwtRoleClaim) is { } caller) context.Principal = caller.ToPrincipal(context.Scheme.Name);
                    else context.Fail(new RefusedCredentialException("The token has no subject (sub)."));
                    return Task.CompletedTask;
                },
            };
        });

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

    private static Caller? ToCaller(ClaimsPrincipal token, string roleClaim)
    {
        if (token.FindFirstValue("sub") is not { Length: > 0 } subject) return null;
        // An array gives a claim for each element; a scope is one text of words.
        var words = token.FindAll(roleClaim).SelectMany(static claim => claim.Value.Split(' ')).Select(Keys.KeyRequestReader.ReadRole);
        return new Caller { Id = "jwt:" + subject, Name = token.FindFirstValue("name") ?? subject, Role = words.Max() };
    }
}
