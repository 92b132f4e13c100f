using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;

namespace VmDataset.ControlPlane.Auth.Keys;

/// <summary>Knows callers by their keys.</summary>
internal sealed class KeyAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder,
    KeyStore keys, KeyNames names, AccessOptions access, FailedLogins failures, TimeProvider time)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string Name = "Key";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Credential.TextOf(Request) is not { } text) return AuthenticateResult.NoResult();
        // Where nobody is asked, nobody is looked up: a look costs, and is bounded only where its failure is told.
        if (Context.GetEndpoint() is null || Context.GetEndpoint()!.Metadata.GetMetadata<IAllowAnonymous>()
            is not null) return AuthenticateResult.NoResult();
        if (KeyText.IdOf(text) is not { } id) return Refused("The credential is no key of this API, as it has not the form of one.");
        if (access.AdminKeySha256 is { } admin && KeyText.Matches(text, admin)) return Accepted(SettingsKey);

        // A guess costs a look into the store; whoever guessed too often shares one with all who did.
        var isListed = keys.IsKnown(id) || !failures.IsTooMany(Context) || await names.HasAsync(id, Context.RequestAborted);
        if (!isListed || await keys.FindAsync(id, Context.RequestAborted) is not { } key || !KeyText.Matches(text, key.Sha256))
            return Refused("The key is unknown; it may have been revoked.");
        if (key.ExpiresAt <= time.GetUtcNow()) return Refused($"The key expired at {key.ExpiresAt:yyyy-MM-dd'T'HH:mm:ss'Z'}.");
        return Accepted(key.ToCaller());
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.StatusCode = StatusCodes.Status401Unauthorized;
        Response.Headers.Append("WWW-Authenticate", Credential.TextOf(Request) is null ? "Bearer" : "Bearer error=\"invalid_token\"");
        return Task.CompletedTask;
    }

    private static Caller SettingsKey { get; } = new() { Id = "key:settings", Name = "ADMIN_KEY_SHA256", Role = Role.Admin };

    private static AuthenticateResult Refused(string reason) => AuthenticateResult.Fail(new RefusedCredentialException(reason));

    private static AuthenticateResult Accepted(Caller caller) =>
        AuthenticateResult.Success(new AuthenticationTicket(caller.ToPrincipal(Name), Name));
}
