using VmDataset.ControlPlane.Auth.Keys;
using VmDataset.ControlPlane.Auth.OpenId;
using VmDataset.ControlPlane.Console.Layout;

namespace VmDataset.ControlPlane.Console.SignIn;

/// <summary>Puts a key or an issuer's ID token into a cookie, and takes it out again.</summary>
internal static class SignInEndpoints
{
    public static void MapSignIn(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/sign-in", Get).AllowAnonymous();
        pages.MapPost("/sign-in", SignInAsync).AllowAnonymous();
        pages.MapGet(OpenIdSignIn.Path, BeginAsync).AllowAnonymous();
        pages.MapGet(OpenIdSignIn.CallbackPath, EndAsync).AllowAnonymous();
        pages.MapPost("/sign-out", SignOut).RequireRole(Role.Read);
    }

    private static IResult Get([FromQuery(Name = "return")] string? back, AccessMode access, OpenIdSignIn openId) =>
        access.IsOpen ? TypedResults.LocalRedirect(LocalPath(back))
            : Page(openId, LocalPath(back), error: null, StatusCodes.Status200OK);

    private static PageResult Page(OpenIdSignIn openId, string back, string? error, int status) =>
        PageResult.Of<SignInPage>(new SignInModel(back, error, openId.IsOffered ? openId.Issuer : null), status);

    private static async Task<IResult> BeginAsync(HttpContext http, [FromQuery(Name = "return")] string? back, OpenIdSignIn openId)
    {
        if (!openId.IsOffered)
            return Page(openId, LocalPath(back), "This server has no issuer to sign in with.", StatusCodes.Status404NotFound);
        var pending = PendingSignIn.Begin(LocalPath(back));
        var address = await openId.AddressAsync(http, pending);
        pending.Keep(http);
        return TypedResults.Redirect(address);
    }

    private static async Task<IResult> EndAsync(HttpContext http, string? state, string? code, string? error,
        [FromQuery(Name = "error_description")] string? description, OpenIdSignIn openId, FailedLogins failures)
    {
        if (!openId.IsOffered || PendingSignIn.Of(http.Request) is not { } pending || pending.State != state)
        {
            return Page(openId, "/", "This browser has begun no sign-in in the last ten minutes. Sign in again.",
                StatusCodes.Status400BadRequest);
        }

        PendingSignIn.Forget(http);
        var (token, refusal) = code is not null && error is null ? await openId.RedeemAsync(http, pending, code)
            : (null, $"{openId.Issuer} did not sign you in: {description ?? error ?? "it sent no code"}.");
        if (token is null)
        {
            return failures.Note(http) is { } wait ? Problem.TooMany("Too many wrong sign-ins came from this address.", wait)
                : Page(openId, LocalPath(pending.Return), refusal, StatusCodes.Status401Unauthorized);
        }

        SignInCookie.Set(http, token);
        // A redirect would count as a step of the issuer's site, and the browser would keep the strict cookie back.
        http.Response.Headers["Refresh"] = "0; url=" + LocalPath(pending.Return);
        return PageResult.Of<SignedInPage>(new SignedInModel(LocalPath(pending.Return)));
    }

    private static async Task<IResult> SignInAsync(HttpContext http, KeyVerifier keys, FailedLogins failures, OpenIdSignIn openId,
        CancellationToken cancellationToken)
    {
        var form = await http.Request.ReadFormAsync(cancellationToken);
        var (key, back) = (form["key"].ToString().Trim(), LocalPath(form["return"]));
        var (caller, refusal) = await keys.VerifyAsync(key, http);
        if (caller is not null)
        {
            SignInCookie.Set(http, key);
            return new SeeOther(back);
        }

        return failures.Note(http) is { } wait ? Problem.TooMany("Too many wrong keys came from this address.", wait)
            : Page(openId, back, refusal, StatusCodes.Status401Unauthorized);
    }

    private static SeeOther SignOut(HttpContext http)
    {
        SignInCookie.Delete(http);
        return new SeeOther("/");
    }

    // An address of another host would lend this server's name to whoever sends the link. A header takes no other letters.
    private static string LocalPath(string? text) =>
        text is { Length: > 0 and < 2_000 } && text[0] == '/' && (text.Length == 1 || text[1] is not ('/' or '\\'))
        && text.All(static letter => letter is > ' ' and <= '~') ? text : "/";
}
