using System.Net;
using VmDataset.ControlPlane.Auth;

namespace VmDataset.ControlPlane.Tests.Console;

public sealed class OpenIdSignInTests : IAsyncDisposable
{
    private static readonly CancellationToken Token = TestContext.Current.CancellationToken;
    private readonly FakeIssuer _issuer = new();
    private readonly Api _api;

    public OpenIdSignInTests() => _api = Api.Empty(settings: new Dictionary<string, string>
    {
        ["ADMIN_KEY_SHA256"] = KeyText.Sha256("vmd_admin_abcdefghijklmnopqrstuvwxyzabcdefghijklmnopq"),
        ["JWT_AUTHORITY"] = _issuer.Issuer,
        ["JWT_AUDIENCE"] = "api",
        ["SIGN_IN_CLIENT_ID"] = FakeIssuer.ClientId,
        ["SIGN_IN_CLIENT_SECRET"] = FakeIssuer.ClientSecret,
    });

    [Theory]
    [InlineData("client_secret_basic")]
    [InlineData("client_secret_post")]
    public async Task A_person_whom_the_issuer_knows_is_signed_in_with_the_role_of_the_ID_token(string authentication)
    {
        _issuer.TokenAuthentication = [authentication];
        using var browser = new Browser(_api);

        var link = (await browser.GetAsync("/sign-in?return=%2Fjobs%3Flimit%3D5")).QuerySelector("a[href^='/sign-in/openid']")!;
        link.Words().ShouldBe("Sign in with " + new Uri(_issuer.Issuer).Authority);
        using var answer = await ReturnAsync(browser, link.GetAttribute("href")!);

        answer.Headers.GetValues("Refresh").ShouldHaveSingleItem().ShouldBe("0; url=/jobs?limit=5");
        (await Browser.ReadAsync(answer, HttpStatusCode.OK)).QuerySelector("main a")!.GetAttribute("href").ShouldBe("/jobs?limit=5");
        var home = await browser.GetAsync("/");
        home.QuerySelector(".who span")!.GetAttribute("title").ShouldBe("jwt:alice");
        home.QuerySelector("a[href='/jobs/new']").ShouldNotBeNull();
        (await StatusAsync(browser, "/v1/keys")).ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Its_cookie_is_out_of_reach_for_scripts_and_other_sites_and_that_of_the_way_is_gone()
    {
        using var browser = new Browser(_api);

        using var answer = await ReturnAsync(browser, "/sign-in/openid");

        var cookies = answer.Headers.GetValues("Set-Cookie").Select(static cookie => cookie.ToLowerInvariant()).ToList();
        cookies.Single(static cookie => cookie.StartsWith("vmds_key=", StringComparison.Ordinal)).ShouldContain("; samesite=strict; httponly");
        cookies.Single(static cookie => cookie.StartsWith("vmds_sign_in=", StringComparison.Ordinal)).ShouldStartWith("vmds_sign_in=; expires=thu, 01 jan 1970");
    }

    [Fact]
    public async Task The_ID_token_of_a_sign_in_is_no_credential_in_a_header_and_an_API_token_none_in_the_cookie()
    {
        using var browser = new Browser(_api);
        using var header = new HttpRequestMessage(HttpMethod.Get, "/v1/jobs");
        header.Headers.Authorization = new("Bearer", _issuer.Token(FakeIssuer.ClientId, _issuer.Claims));
        using var cookie = new HttpRequestMessage(HttpMethod.Get, "/v1/jobs");
        cookie.Headers.Add("Cookie", "vmds_key=" + _issuer.Token("api", _issuer.Claims));

        foreach (var request in (HttpRequestMessage[])[header, cookie])
        {
            using var refused = await browser.Client.SendAsync(request, Token);
            refused.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
            (await refused.Content.ReadAsStringAsync(Token)).ShouldContain("The token is meant for another audience.");
        }
    }

    [Fact]
    public async Task A_person_without_a_role_is_told_so_and_not_signed_in()
    {
        _issuer.Claims = new() { ["sub"] = "<b>mallory</b>", ["roles"] = "owner" };

        await IsRefusedAsync("<b>mallory</b> has no role here: the claim roles of the ID token names none of read, submit and admin.");
    }

    [Fact]
    public async Task An_ID_token_of_another_sign_in_is_refused()
    {
        _issuer.Claims["nonce"] = "another";

        await IsRefusedAsync("belongs to another sign-in. Sign in again.");
    }

    [Fact]
    public async Task An_ID_token_that_no_cookie_can_hold_is_refused()
    {
        _issuer.Claims["groups"] = new string('g', 4_000);

        await IsRefusedAsync("allowed: up to 3,800, as browsers keep no longer cookie.");
    }

    [Fact]
    public async Task An_issuers_refusal_is_shown_as_text()
    {
        using var browser = new Browser(_api);
        using var begin = await browser.Client.GetAsync(new Uri("/sign-in/openid", UriKind.Relative), Token);
        var state = System.Web.HttpUtility.ParseQueryString(begin.Headers.Location!.Query)["state"];

        using var denied = await browser.Client.GetAsync(
            new Uri($"/sign-in/openid/callback?state={state}&error=access_denied&error_description=%3Cb%3Eno%3C%2Fb%3E", UriKind.Relative), Token);

        (await Browser.ReadAsync(denied, HttpStatusCode.Unauthorized)).QuerySelector("[role=alert]").Words().ShouldContain("did not sign you in: <b>no</b>.");
    }

    [Fact]
    public async Task An_answer_to_a_sign_in_that_this_browser_did_not_begin_is_refused()
    {
        using var victim = new Browser(_api);
        using var attacker = new Browser(_api);
        using var begun = await attacker.Client.GetAsync(new Uri("/sign-in/openid", UriKind.Relative), Token);
        var back = await AuthorizeAsync(begun.Headers.Location!);
        (await StatusAsync(victim, "/sign-in/openid")).ShouldBe(HttpStatusCode.Redirect);

        using var answer = await victim.Client.GetAsync(back, Token);

        (await Browser.ReadAsync(answer, HttpStatusCode.BadRequest)).QuerySelector("[role=alert]").Words().ShouldContain("has begun no sign-in");
        (await StatusAsync(victim, "/v1/jobs")).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_page_whose_ID_token_has_expired_goes_to_the_issuer_and_back_by_itself()
    {
        _issuer.Lifetime = TimeSpan.FromMinutes(-5);
        using var browser = new Browser(_api);
        browser.Client.DefaultRequestHeaders.Add("Cookie", "vmds_key=" + _issuer.Token(FakeIssuer.ClientId, _issuer.Claims));

        using var answer = await browser.Client.GetAsync(new Uri("/jobs", UriKind.Relative), Token);

        answer.Headers.Location!.OriginalString.ShouldBe("/sign-in/openid?return=%2Fjobs");
    }

    [Fact]
    public async Task A_sign_in_while_the_issuer_is_gone_says_so()
    {
        await _issuer.DisposeAsync();
        using var browser = new Browser(_api);

        using var answer = await browser.Client.GetAsync(new Uri("/sign-in/openid", UriKind.Relative), Token);

        (await Browser.ReadAsync(answer, HttpStatusCode.ServiceUnavailable)).QuerySelector("[role=alert]").Words().ShouldContain("cannot be reached");
    }

    public async ValueTask DisposeAsync()
    {
        await _api.DisposeAsync();
        await _issuer.DisposeAsync();
    }

    private async Task IsRefusedAsync(string reason)
    {
        using var browser = new Browser(_api);
        using var answer = await ReturnAsync(browser, "/sign-in/openid");
        (await Browser.ReadAsync(answer, HttpStatusCode.Unauthorized)).QuerySelector("[role=alert]").Words().ShouldContain(reason);
        (await StatusAsync(browser, "/v1/jobs")).ShouldBe(HttpStatusCode.Unauthorized);
    }

    // The way of a browser: to the issuer, and back.
    private static async Task<HttpResponseMessage> ReturnAsync(Browser browser, string path)
    {
        using var begin = await browser.Client.GetAsync(new Uri(path, UriKind.Relative), Token);
        begin.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        return await browser.Client.GetAsync(await AuthorizeAsync(begin.Headers.Location!), Token);
    }

    private static async Task<Uri> AuthorizeAsync(Uri address)
    {
        using var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        using var answer = await client.GetAsync(address, Token);
        return answer.Headers.Location!;
    }

    private static async Task<HttpStatusCode> StatusAsync(Browser browser, string path)
    {
        using var answer = await browser.Client.GetAsync(new Uri(path, UriKind.Relative), Token);
        return answer.StatusCode;
    }
}
