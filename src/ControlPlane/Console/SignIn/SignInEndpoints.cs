using VmDataset.ControlPlane.Auth.Keys;
using VmDataset.ControlPlane.Console.Layout;

namespace VmDataset.ControlPlane.Console.SignIn;

/// <summary>Puts a key into a cookie, and takes it out again.</summary>
internal static class SignInEndpoints
{
    public static void MapSignIn(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/sign-in", Get).AllowAnonymous();
        pages.MapPost("/sign-in", SignInAsync).AllowAnonymous();
        pages.MapPost("/sign-out", SignOut).RequireRole(Role.Read);
    }

    private static IResult Get([FromQuery(Name = "return")] string? back, AccessMode access) =>
        access.IsOpen ? TypedResults.LocalRedirect(LocalPath(back)) : PageResult.Of<SignInPage>(new SignInModel(LocalPath(back), null));

    private static async Task<IResult> SignInAsync(HttpContext http, KeyVerifier keys, FailedLogins failures,
        CancellationToken cancellationToken)
    {
        var form = await http.Request.ReadFormAsync(cancellationToken);
        var (key, back) = (form["key"].ToString().Trim(), LocalPath(form["return"]));
        var (caller, refusal) = await keys.VerifyAsync(key, http);
        if (caller is not null)
        {
            KeyCookie.Set(http, key);
            return new SeeOther(back);
        }

        return failures.Note(http) is { } wait ? Problem.TooMany("Too many wrong keys came from this address.", wait)
            : PageResult.Of<SignInPage>(new SignInModel(back, refusal), StatusCodes.Status401Unauthorized);
    }

    private static SeeOther SignOut(HttpContext http)
    {
        KeyCookie.Delete(http);
        return new SeeOther("/");
    }

    // An address of another host would lend this server's name to whoever sends the link.
    private static string LocalPath(string? text) =>
        text is { Length: > 0 and < 2_000 } && text[0] == '/' && (text.Length == 1 || text[1] is not ('/' or '\\'))
        && !text.Any(char.IsControl) ? text : "/";
}
