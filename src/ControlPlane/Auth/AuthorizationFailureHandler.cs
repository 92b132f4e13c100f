using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;

namespace VmDataset.ControlPlane.Auth;

/// <summary>What is said to those who are not let in.</summary>
internal sealed class AuthorizationFailureHandler(FailedLogins failures) : IAuthorizationMiddlewareResultHandler
{
    private readonly AuthorizationMiddlewareResultHandler _default = new();

    public async Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        // Only what was refused is counted: who sends nothing guesses nothing.
        if (authorizeResult.Challenged && (await context.AuthenticateAsync()).Failure is { } failure)
        {
            context.Items[typeof(AuthorizationFailureHandler)] = failure;
            if (failures.Note(context) is not { } wait)
            {
                await context.ChallengeAsync();
                return;
            }

            await RateLimits.RefuseAsync(context, "Too many wrong credentials came from this address.", wait);
            return;
        }

        await _default.HandleAsync(next, context, policy, authorizeResult);
    }

    /// <summary>The problem's detail of a 401 or 403.</summary>
    public static string Detail(HttpContext http)
    {
        var needed = Policies.Of(http.GetEndpoint()?.Metadata ?? []);
        if (http.Items[typeof(AuthorizationFailureHandler)] is Exception failure) return JwtSetup.Reason(failure);
        if (needed is not { } role) return $"{http.Request.Path} is shut to everybody.";
        var word = Word(role);
        if (Caller.Of(http.User) is not { } caller)
            return $"There is no credential; needed: a key of the role {word}, as Authorization: Bearer KEY or {Keys.KeyAuthentication.Header}: KEY, or a token of that role where tokens are accepted.";
        return caller.Role is { } own
            ? $"{caller.Id} has the role {Word(own)}; needed: {word}."
            : $"{caller.Id} has no role here, as its token names none; needed: {word}.";
    }

#pragma warning disable CA1308 // As the roles are written in JSON.
    public static string Word(Role role) => role.ToString().ToLowerInvariant();
#pragma warning restore CA1308
}
