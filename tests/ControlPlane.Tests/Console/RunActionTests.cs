using System.Net;
using AngleSharp.Dom;
using Microsoft.Extensions.DependencyInjection;
using VmDataset.ControlPlane.Auth;
using VmDataset.ControlPlane.Auth.Keys;
using VmDataset.Pipeline.Jobs;

namespace VmDataset.ControlPlane.Tests.Console;

public sealed class RunActionTests : IAsyncDisposable
{
    private const string AdminKey = "vmd_admin_abcdefghijklmnopqrstuvwxyzabcdefghijklmnopq";
    private readonly Api _api = new();

    [Fact]
    public async Task A_job_is_paused_resumed_cancelled_retried_and_deleted_by_its_forms()
    {
        var job = await SubmitAsync();
        using var browser = new Browser(_api);
        var page = await browser.GetAsync($"/jobs/{job.Id}");

        page = await browser.FollowAsync(Form(page, job, "pause"));
        (State(page), Message(page)).ShouldBe(("paused", "The job is paused: work on it stops within moments, and finished samples stay."));
        page = await browser.FollowAsync(Form(page, job, "resume"));
        State(page).ShouldBe("running");
        page = await browser.FollowAsync(Form(await ConfirmAsync(browser, page, "Cancel …"), job, "cancel"));
        State(page).ShouldBe("cancelled");
        page = await browser.FollowAsync(Form(await ConfirmAsync(browser, page, "Retry …"), job, "retry"), ("timeout_seconds", "600"));
        State(page).ShouldBe("running");
        page = await browser.FollowAsync(Form(await ConfirmAsync(browser, page, "Cancel …"), job, "cancel"));
        page = await browser.FollowAsync(Form(await ConfirmAsync(browser, page, "Delete …"), job, "delete"));

        page.QuerySelector("[role=status]").Words().ShouldStartWith("The job is deleted");
        await browser.GetAsync($"/jobs/{job.Id}", HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_question_before_an_action_changes_nothing()
    {
        var job = await SubmitAsync();
        using var browser = new Browser(_api);

        foreach (var action in new[] { "cancel", "retry", "delete" }) await browser.GetAsync($"/jobs/{job.Id}/{action}");

        (await _api.GetAsync($"/v1/jobs/{job.Id}")).GetProperty("history").GetArrayLength().ShouldBe(0);
    }

    [Theory]
    [InlineData("pause")]
    [InlineData("resume")]
    [InlineData("cancel")]
    [InlineData("retry")]
    [InlineData("delete")]
    public async Task An_action_without_the_token_of_a_form_is_refused(string action)
    {
        var job = await SubmitAsync();
        using var browser = new Browser(_api);
        await browser.GetAsync($"/jobs/{job.Id}");

        using var answer = await browser.PostAsync($"/jobs/{job.Id}/{action}");

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await _api.GetAsync($"/v1/jobs/{job.Id}")).GetProperty("history").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task An_action_that_the_API_refuses_is_a_page_with_its_reason_and_a_way_back()
    {
        var job = await SubmitAsync();
        using var browser = new Browser(_api);

        var page = await browser.FollowAsync(Form(await browser.GetAsync($"/jobs/{job.Id}/delete"), job, "delete"));

        page.QuerySelector("[role=alert]").Words().ShouldContain("only jobs that have ended can be deleted");
        page.QuerySelector($"main a[href='/jobs/{job.Id}']").ShouldNotBeNull();
    }

    [Fact]
    public async Task A_retry_is_of_one_generator_where_its_form_says_so_and_its_fields_are_judged_by_the_API()
    {
        var job = await SubmitAsync();
        await _api.DeadLetterAsync(job, "alpha", 0, 10);
        await _api.DeadLetterAsync(job, "beta", 0, 10);
        using var browser = new Browser(_api);
        var form = Form(await browser.GetAsync($"/jobs/{job.Id}/retry?generator=beta"), job, "retry");

        var refused = await browser.FollowAsync(form, ("timeout_seconds", "soon"));
        await browser.FollowAsync(form);

        refused.QuerySelector("[role=alert]").Words().ShouldBe("timeout_seconds is \"soon\"; allowed: an integer from 1 to 86,400.");
        var history = (await _api.GetAsync($"/v1/jobs/{job.Id}")).GetProperty("history").EnumerateArray().ShouldHaveSingleItem();
        history.GetProperty("generator").GetString().ShouldBe("beta");
    }

    [Fact]
    public async Task A_reader_sees_a_job_without_its_actions_and_cannot_send_them()
    {
        await using var api = Api.Empty(settings: new Dictionary<string, string> { ["AdminKeySha256"] = KeyText.Sha256(AdminKey) });
        api.AddGenerator("alpha");
        var (_, key) = await api.Services.GetRequiredService<KeyStore>().CreateAsync(new KeyRequest { Name = "reader", Role = Role.Read });
        using var admin = new Browser(api);
        await SignInTests.SignInAsync(admin, AdminKey);
        using var reader = new Browser(api);
        await SignInTests.SignInAsync(reader, key);
        admin.Client.DefaultRequestHeaders.Add("X-Api-Key", AdminKey);
        using var content = new StringContent("""{"generators": ["alpha"], "samples": 1}""", System.Text.Encoding.UTF8, "application/json");
        using var made = await admin.Client.PostAsync(new Uri("/v1/jobs", UriKind.Relative), content, TestContext.Current.CancellationToken);
        var path = made.Headers.Location!.OriginalString.Replace("/v1", "", StringComparison.Ordinal);

        var page = await reader.GetAsync(path);
        var token = page.QuerySelector("input[name=form_token]")!.GetAttribute("value")!;
        using var refused = await reader.PostAsync($"{path}/pause", ("form_token", token));

        page.QuerySelector(".title .actions").ShouldBeNull();
        (await Browser.ReadAsync(refused, HttpStatusCode.Forbidden)).QuerySelector("[role=alert]").Words().ShouldContain("has the role read; needed: submit");
    }

    private Task<Job> SubmitAsync() => _api.SubmitAsync("""{"generators": ["alpha", "beta"], "samples": 20, "batch_size": 10}""");

    private static IElement Form(IDocument page, Job job, string action) => page.QuerySelector($"form[action='/jobs/{job.Id}/{action}']")!;

    private static async Task<IDocument> ConfirmAsync(Browser browser, IDocument page, string label) =>
        await browser.GetAsync(page.QuerySelectorAll(".actions a").Single(link => link.Words() == label).GetAttribute("href")!);

    private static string State(IDocument page) => page.QuerySelector("#live .badge").Words();

    private static string Message(IDocument page) => page.QuerySelector(".notice.good").Words();

    public ValueTask DisposeAsync() => _api.DisposeAsync();
}
