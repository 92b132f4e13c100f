using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;

namespace VmDataset.ControlPlane.Auth.Keys;

internal sealed class KeyAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, KeyVerifier keys)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string Name = "Key";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Credential.TextOf(Request) is not { } text) return AuthenticateResult.NoResult();
        // Where nobody is asked, nobody is looked up: a look costs, and is bounded only where its failure is told.
        if (Context.GetEndpoint() is null || Context.GetEndpoint()!.Metadata.GetMetadata<IAllowAnonymous>()
            is not null) return AuthenticateResult.NoResult();
        var (caller, refusal) = await keys.VerifyAsync(text, Context);
        return caller is null ? AuthenticateResult.Fail(new RefusedCredentialException(refusal!))
            : AuthenticateResult.Success(new AuthenticationTicket(caller.ToPrincipal(Name), Name));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.StatusCode = StatusCodes.Status401Unauthorized;
        Response.Headers.Append("WWW-Authenticate", Credential.TextOf(Request) is null ? "Bearer" : "Bearer error=\"invalid_token\"");
        return Task.CompletedTask;
    }
}
