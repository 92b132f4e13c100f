using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;

namespace VmDataset.ControlPlane.Auth;

/// <summary>Takes every client for <see cref="Caller.Local"/> where no credentials are needed, except those whom IAM names. A request
/// that a page of another site makes a browser send is refused: that page would act with this machine's rights.</summary>
internal sealed class AnonymousAuthentication(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger,
    UrlEncoder encoder, IamCallers iam)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string Name = "Anonymous";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(
        CrossSite.IsRead(Request.Method) || !CrossSite.IsFromAnotherSite(Request)
            ? AuthenticateResult.Success(new AuthenticationTicket((iam.Find(Context) ?? Caller.Local).ToPrincipal(Name), Name))
            : AuthenticateResult.Fail(new RefusedCredentialException(
                "A page of another site sent this request; allowed: this API's own pages, and programs.")));

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.StatusCode = StatusCodes.Status403Forbidden;
        return Task.CompletedTask;
    }
}
