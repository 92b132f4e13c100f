using System.Net;
using Microsoft.Extensions.DependencyInjection;
using VmDataset.ControlPlane.Auth;
using VmDataset.ControlPlane.Auth.Keys;

namespace VmDataset.ControlPlane.Tests.Console;

public sealed class SignInTests : IAsyncDisposable
{
    private const string AdminKey = "vmd_admin_abcdefghijklmnopqrstuvwxyzabcdefghijklmnopq";
    private readonly Api _api = Api.Empty(settings: new Dictionary<string, string> { ["AdminKeySha256"] = KeyText.Sha256(AdminKey) });

    [Fact]
    public async Task A_page_sends_whoever_is_not_signed_in_to_the_sign_in_and_back()
    {
        using var browser = new Browser(_api);
        using var refused = await browser.Client.GetAsync(new Uri("/jobs?cursor=", UriKind.Relative), TestContext.Current.CancellationToken);
        refused.StatusCode.ShouldBe(HttpStatusCode.Redirect);

        var form = (await browser.GetAsync(refused.Headers.Location!.OriginalString)).QuerySelector("main form")!;
        using var answer = await browser.SendAsync(form, ("key", AdminKey));

        answer.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        answer.Headers.Location!.OriginalString.ShouldBe("/jobs?cursor=");
        (await browser.GetAsync("/")).QuerySelector(".who").Words().ShouldContain("ADMIN_KEY_SHA256");
    }

    [Fact]
    public async Task The_cookie_of_a_sign_in_is_out_of_reach_for_scripts_and_other_sites()
    {
        using var browser = new Browser(_api);
        var form = (await browser.GetAsync("/sign-in")).QuerySelector("main form")!;

        using var answer = await browser.SendAsync(form, ("key", AdminKey));

        var cookie = answer.Headers.GetValues("Set-Cookie").ShouldHaveSingleItem().ToLowerInvariant();
        cookie.ShouldContain("; httponly");
        cookie.ShouldContain("; samesite=strict");
        cookie.ShouldContain("; path=/");
        cookie.ShouldNotContain("expires");
    }

    [Fact]
    public async Task A_wrong_key_is_refused_with_the_reason_beside_the_field()
    {
        using var browser = new Browser(_api);
        var form = (await browser.GetAsync("/sign-in")).QuerySelector("main form")!;

        using var answer = await browser.SendAsync(form, ("key", "vmd_<script>"));

        answer.Headers.Contains("Set-Cookie").ShouldBeFalse();
        (await Browser.ReadAsync(answer, HttpStatusCode.Unauthorized)).QuerySelector("[role=alert]").Words().ShouldContain("not the form of one");
    }

    [Theory]
    [InlineData("//example.org")]
    [InlineData("/\\example.org")]
    [InlineData("https://example.org")]
    [InlineData("jobs")]
    [InlineData("/jobs?tag=\u00e9")]
    [InlineData("/jobs?tag=a b")]
    public async Task A_sign_in_leads_to_paths_of_this_server_alone(string path)
    {
        using var browser = new Browser(_api);
        var form = (await browser.GetAsync("/sign-in?return=" + Uri.EscapeDataString(path))).QuerySelector("main form")!;

        using var answer = await browser.SendAsync(form, ("key", AdminKey), ("return", path));

        answer.Headers.Location!.OriginalString.ShouldBe("/");
    }

    [Fact]
    public async Task Whoever_signs_out_is_asked_again()
    {
        using var browser = new Browser(_api);
        await SignInAsync(browser, AdminKey);

        using var answer = await browser.SendAsync((await browser.GetAsync("/")).QuerySelector("form[action='/sign-out']")!);

        answer.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        using var again = await browser.Client.GetAsync(new Uri("/", UriKind.Relative), TestContext.Current.CancellationToken);
        again.Headers.Location!.OriginalString.ShouldStartWith("/sign-in");
    }

    [Fact]
    public async Task The_cookie_reads_the_API_and_changes_nothing_there()
    {
        using var browser = new Browser(_api);
        await SignInAsync(browser, AdminKey);

        using var read = await browser.Client.GetAsync(new Uri("/v1/jobs", UriKind.Relative), TestContext.Current.CancellationToken);
        using var write = await browser.Client.PostAsync(new Uri("/v1/keys", UriKind.Relative), new StringContent("{}", System.Text.Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);

        read.StatusCode.ShouldBe(HttpStatusCode.OK);
        write.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_form_without_its_token_or_with_that_of_another_browser_is_refused()
    {
        using var browser = new Browser(_api);
        using var other = new Browser(_api);
        await SignInAsync(browser, AdminKey);
        await SignInAsync(other, AdminKey);
        var foreign = (await other.GetAsync("/")).QuerySelector("form[action='/sign-out'] input")!.GetAttribute("value")!;

        using var without = await browser.PostAsync("/sign-out");
        using var with = await browser.PostAsync("/sign-out", ("form_token", foreign));

        without.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await Browser.ReadAsync(with, HttpStatusCode.BadRequest)).QuerySelector("[role=alert]").Words().ShouldContain("The form was refused");
        (await browser.GetAsync("/")).QuerySelector("form[action='/sign-out']").ShouldNotBeNull();
    }

    [Fact]
    public async Task A_form_that_a_page_of_another_site_sends_is_refused()
    {
        using var browser = new Browser(_api);
        var form = (await browser.GetAsync("/sign-in")).QuerySelector("main form")!;
        browser.Client.DefaultRequestHeaders.Add("Sec-Fetch-Site", "cross-site");

        using var answer = await browser.SendAsync(form, ("key", AdminKey));

        (await Browser.ReadAsync(answer, HttpStatusCode.BadRequest)).QuerySelector("[role=alert]").Words().ShouldContain("a page of another site");
    }

    [Fact]
    public async Task A_key_that_is_revoked_ends_its_sign_in()
    {
        var keys = _api.Services.GetRequiredService<KeyStore>();
        var (key, text) = await keys.CreateAsync(new KeyRequest { Name = "<script>alert(1)</script>", Role = Role.Read });
        using var browser = new Browser(_api);
        await SignInAsync(browser, text);
        (await browser.GetAsync("/")).QuerySelector(".who").Words().ShouldContain("<script>alert(1)</script>");

        await keys.DeleteAsync(key.Id, TestContext.Current.CancellationToken);

        using var answer = await browser.Client.GetAsync(new Uri("/", UriKind.Relative), TestContext.Current.CancellationToken);
        answer.StatusCode.ShouldBe(HttpStatusCode.Redirect);
    }

    internal static async Task SignInAsync(Browser browser, string key)
    {
        using var answer = await browser.SendAsync((await browser.GetAsync("/sign-in")).QuerySelector("main form")!, ("key", key));
        answer.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
    }

    public ValueTask DisposeAsync() => _api.DisposeAsync();
}
