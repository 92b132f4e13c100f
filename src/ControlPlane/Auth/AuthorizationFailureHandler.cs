using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.IdentityModel.Tokens;

namespace VmDataset.ControlPlane.Auth;

/// <summary>Answers requests that were not authorized: 401, 403, or 429 after too many wrong credentials.</summary>
internal sealed class AuthorizationFailureHandler(FailedLogins failures) : IAuthorizationMiddlewareResultHandler
{
    private readonly AuthorizationMiddlewareResultHandler _default = new();

    public async Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy,
        PolicyAuthorizationResult authorizeResult)
    {
        // A request without credentials is not counted: it guesses nothing.
        if (authorizeResult.Challenged && (await context.AuthenticateAsync()).Failure is { } failure)
        {
            ErrorDetail.Set(context, Reason(failure));
            if (failures.Note(context) is { } wait) await RateLimits.RefuseAsync(
                context, "Too many wrong credentials came from this address.", wait);
            else await context.ChallengeAsync();
            return;
        }

        if (!authorizeResult.Succeeded) ErrorDetail.Set(context, Missing(context));
        await _default.HandleAsync(next, context, policy, authorizeResult);
    }

    private static string Missing(HttpContext http)
    {
        if (Policies.Of(http.GetEndpoint()?.Metadata ?? []) is not { } role) return $"{http.Request.Path} is closed to every caller.";
        var word = RoleName.Of(role);
        if (Caller.Of(http.User) is not { } caller)
            return $"There is no credential; needed: a key of the role {word}, as Authorization: Bearer KEY or {Credential.Header}: KEY, or a token of that role where tokens are accepted.";
        return caller.Role is { } own
            ? $"{caller.Id} has the role {RoleName.Of(own)}; needed: {word}."
            : $"{caller.Id} has no role here, as its token names none; needed: {word}.";
    }

    // Without the contents of the token.
    private static string Reason(Exception failure) => failure switch
    {
        RefusedCredentialException refused => refused.Message,
        SecurityTokenExpiredException expired => $"The token expired at {expired.Expires:yyyy-MM-dd'T'HH:mm:ss'Z'}.",
        SecurityTokenNotYetValidException => "The token is not valid yet.",
        SecurityTokenInvalidAudienceException => "The token is meant for another audience.",
        SecurityTokenInvalidIssuerException => "The token is of another issuer.",
        SecurityTokenNoExpirationException => "The token never expires, which is not accepted.",
        SecurityTokenInvalidSignatureException or SecurityTokenInvalidAlgorithmException =>
            "The token's signature is not one of the issuer's.",
        _ => "The credential is neither a key of this API nor a token that can be checked.",
    };
}
