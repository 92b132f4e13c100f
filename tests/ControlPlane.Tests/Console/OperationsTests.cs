using System.Net;
using Microsoft.Extensions.DependencyInjection;
using VmDataset.ControlPlane.Auth;
using VmDataset.ControlPlane.Auth.Keys;
using VmDataset.Pipeline.Queue;

namespace VmDataset.ControlPlane.Tests.Console;

public sealed class OperationsTests : IAsyncDisposable
{
    private const string AdminKey = "vmd_admin_abcdefghijklmnopqrstuvwxyzabcdefghijklmnopq";
    private readonly Api _api = new();

    [Fact]
    public async Task Operations_tell_health_queue_and_workers()
    {
        using var browser = new Browser(_api);

        var page = await browser.GetAsync("/operations");

        page.QuerySelectorAll(".facts")[0].QuerySelectorAll("dt").Select(static check => check.Words()).ShouldBe(["store", "queue", "runtime", "worker", "generators"], ignoreOrder: true);
        page.QuerySelectorAll(".facts")[1].Words().ShouldStartWith("Messages 0 wait, 0 in work, 0 given up");
        page.QuerySelector("#dead-letters .empty").ShouldNotBeNull();
    }

    [Fact]
    public async Task Dead_letters_are_shown_as_text_redriven_and_deleted_one_by_one()
    {
        const string hostile = "<script>alert(1)</script>";
        await _api.DeadLetters.SendAsync(new OutgoingMessage("""{"type": "alpha", "start_index": 4, "num_samples": 2, "seed": 1, "job_id": "j1"}""", "j1"), "It failed three times.");
        await _api.DeadLetters.SendAsync(new OutgoingMessage(hostile, ""), hostile);
        using var browser = new Browser(_api);

        var page = await browser.GetAsync("/operations");
        page.QuerySelectorAll("#dead-letters tbody tr")[0].Words().ShouldContain("alpha, 4 to 5");
        page.QuerySelectorAll("#dead-letters tbody tr")[1].QuerySelector("code").Words().ShouldBe(hostile);
        page.QuerySelectorAll("main script").ShouldBeEmpty();
        page = await browser.FollowAsync(page.QuerySelectorAll("form[action='/operations/dead-letters/redrive']")[0]);
        page.QuerySelector(".notice.good").Words().ShouldBe("1 dead letter is on the queue again, with all attempts.");
        var question = await browser.GetAsync(page.QuerySelector("#dead-letters tbody a.danger")!.GetAttribute("href")!);
        (await browser.GetAsync("/operations")).QuerySelectorAll("#dead-letters tbody tr").Length.ShouldBe(1);
        page = await browser.FollowAsync(question.QuerySelector("main form")!);

        page.QuerySelector(".notice.good").Words().ShouldBe("1 dead letter is deleted.");
        page.QuerySelector("#dead-letters .empty").ShouldNotBeNull();
        (await _api.Queue.GetDepthAsync())!.Queued.ShouldBe(1);
    }

    [Fact]
    public async Task Dead_letters_of_one_job_are_handled_together()
    {
        foreach (var job in new[] { "j1", "j1", "j2" })
            await _api.DeadLetters.SendAsync(new OutgoingMessage($$"""{"type": "alpha", "start_index": 0, "num_samples": 2, "seed": 1, "job_id": "{{job}}"}""", job), "No.");
        using var browser = new Browser(_api);

        var page = await browser.GetAsync("/operations?job_id=j1");
        page.QuerySelectorAll("#dead-letters tbody tr").Length.ShouldBe(2);
        page = await browser.FollowAsync((await browser.GetAsync(page.QuerySelector("#dead-letters > .actions a")!.GetAttribute("href")!)).QuerySelector("main form")!);

        page.QuerySelector(".notice.good").Words().ShouldBe("2 dead letters are deleted.");
        page.QuerySelectorAll("#dead-letters tbody tr").Length.ShouldBe(1);
        await browser.GetAsync("/operations?job_id=.odd", HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_key_is_made_shown_once_and_revoked()
    {
        await using var api = Api.Empty(settings: new Dictionary<string, string> { ["AdminKeySha256"] = KeyText.Sha256(AdminKey) });
        using var browser = new Browser(api);
        await SignInTests.SignInAsync(browser, AdminKey);
        var form = (await browser.GetAsync("/operations")).QuerySelector("form[action='/operations/keys']")!;

        var refused = await browser.FollowAsync(form, ("name", ""), ("expires_at", "soon"));
        refused.GetElementById("error:name").ShouldNotBeNull();
        refused.GetElementById("error:expires_at").Words().ShouldContain("allowed: a time to come");
        var made = await browser.FollowAsync(form, ("name", "<b>nightly</b>"), ("role", "submit"), ("max_open_jobs", "3"));
        var text = made.QuerySelector(".secret").Words();
        using var other = new Browser(api);
        await SignInTests.SignInAsync(other, text);
        var page = await browser.GetAsync("/operations");
        page.QuerySelector("#keys tbody th").Words().ShouldBe("<b>nightly</b>");
        page.DocumentElement.OuterHtml.ShouldNotContain(text);
        await browser.FollowAsync((await browser.GetAsync(page.QuerySelector("#keys tbody a")!.GetAttribute("href")!)).QuerySelector("main form")!);

        (await browser.GetAsync("/operations")).QuerySelectorAll("#keys tbody tr").ShouldBeEmpty();
        using var gone = await other.Client.GetAsync(new Uri("/", UriKind.Relative), TestContext.Current.CancellationToken);
        gone.StatusCode.ShouldBe(HttpStatusCode.Redirect);
    }

    [Fact]
    public async Task Who_is_no_admin_sees_no_keys_and_handles_no_dead_letter()
    {
        await using var api = Api.Empty(settings: new Dictionary<string, string> { ["AdminKeySha256"] = KeyText.Sha256(AdminKey) });
        var (_, key) = await api.Services.GetRequiredService<KeyStore>().CreateAsync(new KeyRequest { Name = "submitter", Role = Role.Submit });
        await api.DeadLetters.SendAsync(new OutgoingMessage("{}", ""), "No.");
        using var browser = new Browser(api);
        await SignInTests.SignInAsync(browser, key);

        var page = await browser.GetAsync("/operations");
        var token = page.QuerySelector("input[name=form_token]")!.GetAttribute("value")!;

        page.QuerySelector("#keys").ShouldBeNull();
        page.QuerySelectorAll("#dead-letters tbody form, #dead-letters tbody a").ShouldBeEmpty();
        foreach (var path in new[] { "/operations/keys", "/operations/dead-letters/delete", "/operations/dead-letters/redrive" })
        {
            using var answer = await browser.PostAsync(path, ("form_token", token), ("id", "1"));
            answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        }
    }

    public ValueTask DisposeAsync() => _api.DisposeAsync();
}
