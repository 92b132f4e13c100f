using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace VmDataset.ControlPlane.Auth.Tokens;

/// <summary>Bearer tokens of an OpenID Connect issuer, whose keys are found by discovery.</summary>
internal static class JwtSetup
{
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(30);

    // Asymmetric ones: the issuer's keys are public, and a public key must not do for a shared secret.
    private static readonly string[] Algorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];

    // Longer ones would not fit a log's line or a list of jobs, of which they name the owner.
    private const int MaxSubject = 256;

    public static void AddTokens(this AuthenticationBuilder authentication, AccessOptions access)
    {
        authentication.AddJwtBearer(options =>
        {
            options.Authority = access.JwtAuthority!.OriginalString;
            options.RequireHttpsMetadata = access.JwtAuthority.Scheme == "https";
            options.BackchannelTimeout = TimeSpan.FromSeconds(5);
            options.MapInboundClaims = false;
            options.TokenValidationParameters = new TokenValidationParameters
            {
                ValidAudiences = access.SignInClientId is { } client ? [access.JwtAudience, client] : [access.JwtAudience],
                ValidAlgorithms = Algorithms,
                ClockSkew = ClockSkew,
            };
            options.Events = new JwtBearerEvents
            {
                OnMessageReceived = static context =>
                {
                    context.Token = Credential.TextOf(context.Request);
                    return context.HttpContext.RequestServices.GetRequiredService<TokenIssuer>().RequireAsync(context);
                },
                OnTokenValidated = context =>
                {
                    if (!IsMeantFor(context, access))
                        context.Fail(new SecurityTokenInvalidAudienceException("Another audience."));
                    else if (Mistake(context) is { } mistake) context.Fail(new RefusedCredentialException(mistake));
                    else context.Principal = ToCaller(context.Principal!, access.JwtRoleClaim).ToPrincipal(context.Scheme.Name);
                    return Task.CompletedTask;
                },
            };
        });
    }

    // The ID token of a sign-in tells the console who somebody is. In a header it would let every other client of the issuer's in.
    private static bool IsMeantFor(TokenValidatedContext context, AccessOptions access)
    {
        var isFromSignIn = Credential.IsFromCookie(context.Request);
        var audience = isFromSignIn ? access.SignInClientId : access.JwtAudience;
        return ((JsonWebToken)context.SecurityToken).Audiences.Contains(audience, StringComparer.Ordinal);
    }

    /// <summary>What is wrong with a token of the issuer's; null for nothing.</summary>
    private static string? Mistake(TokenValidatedContext context)
    {
        // RFC 7515, 4.1.11: it names what must be understood, and nothing beyond the standard is.
        if (context.SecurityToken is not JsonWebToken token || token.TryGetHeaderValue<object>("crit", out _))
            return "The token's header has crit, which demands what this server does not know.";
        return context.Principal!.FindFirstValue("sub") switch
        {
            null or "" => "The token has no subject (sub).",
            var subject when !IsSubject(subject) =>
                $"The token's subject (sub) is not 1 to {MaxSubject} characters without control characters.",
            _ => null,
        };
    }

    private static bool IsSubject(string text) =>
        text.Length <= MaxSubject && !string.IsNullOrWhiteSpace(text) && !text.Any(CallerName.IsControl);

    /// <summary>The caller whom a token that holds names.</summary>
    public static Caller ToCaller(ClaimsPrincipal token, string roleClaim)
    {
        var subject = token.FindFirstValue("sub")!;
        var name = token.FindFirstValue("name");
        // An array gives a claim for each element; a scope is one text of words.
        var words = token.FindAll(roleClaim).SelectMany(static claim => claim.Value.Split(' ')).Select(RoleName.Parse);
        return new Caller
        {
            Id = "jwt:" + subject,
            Name = name is not null && CallerName.IsValid(name) ? name : subject,
            Role = words.Max()
        };
    }
}
