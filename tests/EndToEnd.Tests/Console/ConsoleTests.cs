using Deque.AxeCore.Commons;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace VmDataset.EndToEnd.Tests.Console;

/// <summary>The console in a real browser: under its content security policy, with and without JavaScript.</summary>
public sealed class ConsoleTests(ConsoleServer server) : IClassFixture<ConsoleServer>
{
    private static readonly LocatorAssertionsToHaveTextOptions Patient = new() { Timeout = 120_000 };

    [Fact]
    public async Task A_newcomer_gets_from_Home_to_a_picture_of_a_new_dataset_and_the_run_page_follows_its_job_by_itself()
    {
        var (page, complaints) = await server.OpenAsync("/");

        await page.GetByRole(AriaRole.Link, new() { Name = "New job" }).ClickAsync();
        await page.GetByLabel("ok-generator", new() { Exact = true }).CheckAsync();
        await page.GetByLabel("Samples of each generator").FillAsync("25");
        await page.GetByLabel("Samples of each generator").BlurAsync();
        await Expect(page.Locator("#plan")).ToContainTextAsync("25 in 3 batches of 10");
        await page.GetByRole(AriaRole.Button, new() { Name = "Submit the job" }).ClickAsync();
        await page.EvaluateAsync("window.isTheSame = true");
        await Expect(page.Locator("#live .badge")).ToHaveTextAsync("succeeded", Patient);
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "README.md" })).ToBeVisibleAsync(new() { Timeout = 120_000 });
        (await page.EvaluateAsync<bool>("window.isTheSame")).ShouldBeTrue();
        await page.Locator(".tabs").GetByRole(AriaRole.Link, new() { Name = "Samples" }).ClickAsync();
        await Eventually.BeTrueAsync(() => page.Locator(".card img").First.EvaluateAsync<bool>("image => image.naturalWidth > 0"));

        complaints.ShouldBeEmpty();
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task The_form_shows_a_chosen_generators_parameters_and_the_APIs_refusal_while_it_is_filled_in()
    {
        var (page, complaints) = await server.OpenAsync("/jobs/new");

        await page.GetByLabel("Search").PressSequentiallyAsync("configured");
        await Expect(page.Locator("#choices label")).ToHaveCountAsync(1);
        await page.GetByLabel("configured-generator", new() { Exact = true }).CheckAsync();
        await Expect(page.Locator("#parameters legend")).ToHaveTextAsync("configured-generator");
        await page.GetByRole(AriaRole.Button, new() { Name = "Draw a sample" }).ClickAsync();
        var drawn = page.Locator("[id='drawn:configured-generator']");
        await Eventually.BeTrueAsync(() => drawn.Locator("img").First.EvaluateAsync<bool>("image => image.naturalWidth > 0"));
        var first = await drawn.Locator("img").First.GetAttributeAsync("src");
        await page.GetByLabel("num_dots").FillAsync("5");
        await page.GetByLabel("num_dots").BlurAsync();
        await Expect(drawn.Locator("img").First).Not.ToHaveAttributeAsync("src", first!, new() { Timeout = 60_000 });
        await page.GetByLabel("Samples of each generator").FillAsync("none");
        await page.GetByLabel("Samples of each generator").BlurAsync();
        await Expect(page.Locator("#plan")).ToContainTextAsync("samples is \"none\"; allowed: an integer");

        complaints.ShouldBeEmpty();
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task A_gallery_goes_on_when_its_end_comes_into_view_also_in_a_shuffled_order()
    {
        var (page, complaints) = await server.OpenAsync($"/jobs/{server.Succeeded}/gallery");

        await Expect(page.Locator(".card")).ToHaveCountAsync(24);
        await page.Locator(".pages a[rel=next]").ScrollIntoViewIfNeededAsync();
        await Expect(page.Locator(".card")).ToHaveCountAsync(30);
        await Expect(page.Locator(".pages a[rel=next]")).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Button, new() { Name = "Shuffle", Exact = true }).ClickAsync();
        await page.Locator(".pages a[rel=next]").ScrollIntoViewIfNeededAsync();
        await Expect(page.Locator(".card")).ToHaveCountAsync(30);
        (await page.Locator(".card h3 a").EvaluateAllAsync<string[]>("links => [...new Set(links.map(link => link.href))]")).Length.ShouldBe(30);

        complaints.ShouldBeEmpty();
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task A_video_plays_over_its_first_frame_while_the_pointer_is_there()
    {
        var job = await server.Server.SubmitAsync(new { generators = new[] { "video-generator" }, samples = 2, video = new { codec = "h264" } });
        await server.Server.EndOfAsync(job);
        var (page, complaints) = await server.OpenAsync($"/jobs/{job}/gallery");
        var playing = page.Locator(".frames video");

        await page.Locator(".frames img").First.HoverAsync();
        await Expect(playing).ToHaveCountAsync(1);
        await Expect(page.Locator(".frames figure").First.Locator("video")).ToHaveJSPropertyAsync("paused", false);
        // Not WaitForFunctionAsync: it evaluates text in the page where it has to wait, which the page's policy forbids.
        await Eventually.BeTrueAsync(() => playing.EvaluateAsync<bool>("video => video.currentTime > 0"));
        await page.Locator(".frames").Nth(1).Locator("img").First.HoverAsync();
        await Expect(page.Locator(".frames").Nth(1).Locator("video")).ToHaveCountAsync(1);
        await Expect(playing).ToHaveCountAsync(1);
        await page.Locator("h1").HoverAsync();
        await Expect(playing).ToHaveCountAsync(0);

        complaints.ShouldBeEmpty();
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task An_export_is_made_from_the_run_page_and_gets_ready_before_the_readers_eyes()
    {
        var (page, complaints) = await server.OpenAsync($"/jobs/{server.Succeeded}");

        await page.GetByRole(AriaRole.Link, new() { Name = "Export for a trainer …" }).ClickAsync();
        await page.GetByLabel("diffsynth").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Export", Exact = true }).ClickAsync();
        await Expect(page.Locator(".export .badge")).ToHaveTextAsync("ready", Patient);
        await Expect(page.Locator(".export pre")).ToContainTextAsync("exports/diffsynth/metadata.jsonl");

        complaints.ShouldBeEmpty();
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Every_action_works_without_JavaScript()
    {
        var (page, _) = await server.OpenAsync("/jobs/new", new() { JavaScriptEnabled = false });

        await page.Locator("input[name=generators][value=ok-generator]").CheckAsync();
        await page.Locator("#samples").FillAsync("2000000");
        await page.GetByRole(AriaRole.Button, new() { Name = "Plan" }).ClickAsync();
        await Expect(page.Locator("#plan")).ToContainTextAsync("2,000,000 in 2,000 batches of 1,000");
        await page.GetByRole(AriaRole.Button, new() { Name = "Submit the job" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Pause" }).ClickAsync();
        await Expect(page.Locator("#live .badge")).ToHaveTextAsync("paused");
        await page.GetByRole(AriaRole.Button, new() { Name = "Resume" }).ClickAsync();
        await Expect(page.Locator(".notice.good")).ToContainTextAsync("The job is resumed");
        await page.GetByRole(AriaRole.Link, new() { Name = "Cancel …" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Cancel the job" }).ClickAsync();
        await Expect(page.Locator("#live .badge")).ToHaveTextAsync("cancelled");
        await page.GetByRole(AriaRole.Link, new() { Name = "Delete …" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete the job" }).ClickAsync();
        await Expect(page.Locator(".notice.good")).ToContainTextAsync("The job is deleted");

        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task No_page_has_a_barrier_that_axe_knows_or_is_wider_than_the_screen()
    {
        var (ok, bad) = ($"/jobs/{server.Succeeded}", $"/jobs/{server.Failed}");
        string[] paths =
        [
            "/", "/jobs", "/jobs/new", $"/jobs/new?from={server.Failed}", ok, bad, $"{ok}/gallery", $"{ok}/gallery?shuffle=1", $"{ok}/exports", $"{bad}/failures", $"{bad}/batches", $"{bad}/timeline", $"{ok}/request",
            $"{ok}/samples/ok-generator/0", $"{bad}/retry", $"{bad}/delete", "/generators", "/generators/ok-generator", "/generators/configured-generator", "/operations", "/jobs/missing", "/nothing",
        ];
        (ColorScheme Scheme, int Width)[] screens = [(ColorScheme.Light, 1280), (ColorScheme.Dark, 1280), (ColorScheme.Light, 360)];
        var axe = new BundledAxeScriptProvider().GetScript();
        // Axe is evaluated in the page.
        var (page, _) = await server.OpenAsync("/", new() { BypassCSP = true });
        List<string> found = [];
        foreach (var path in paths)
        {
            await page.GotoAsync(path);
            await page.EvaluateAsync(axe);
            foreach (var (scheme, width) in screens)
            {
                await page.EmulateMediaAsync(new() { ColorScheme = scheme });
                await page.SetViewportSizeAsync(width, 800);
                var where = $"{path}, {scheme}, {width} wide";
                var violations = await page.EvaluateAsync<string[]>("axe.run().then(({ violations }) => violations.map(({ id, nodes }) => `${id}, ${nodes[0].html}`))");
                found.AddRange(violations.Select(violation => $"{where}: {violation}"));
                if (await page.EvaluateAsync<bool>("document.documentElement.scrollWidth > document.documentElement.clientWidth")) found.Add($"{where}: too wide");
            }
        }

        found.ShouldBeEmpty();
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task A_run_page_with_long_estimates_is_no_wider_than_a_phone()
    {
        var (page, _) = await server.OpenAsync($"/jobs/{server.Succeeded}", new() { ViewportSize = new() { Width = 360, Height = 800 }, BypassCSP = true });

        await page.EvaluateAsync("for (const cell of document.querySelectorAll('.plan td')) cell.textContent = '12 min 34 s (10 min 12 s to 1 h 30 min)'");

        (await page.EvaluateAsync<int>("document.querySelectorAll('.plan td').length")).ShouldBeGreaterThan(1);
        (await page.EvaluateAsync<bool>("document.documentElement.scrollWidth > document.documentElement.clientWidth")).ShouldBeFalse();
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task A_page_is_operated_by_the_keyboard_from_its_first_link_on()
    {
        var (page, _) = await server.OpenAsync($"/jobs/{server.Failed}");

        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("Enter");
        await page.Keyboard.PressAsync("Tab");

        (await page.EvaluateAsync<string>("document.activeElement.textContent.trim()")).ShouldBe("Copy");
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task A_person_signs_in_with_an_issuer_of_another_site_and_again_without_asking_when_the_token_has_expired()
    {
        await using var issuer = new FakeIssuer("localhost") { Asks = true };
        await using var locked = await new Server(Server.Misbehaving, settings: new()
        {
            ["JWT_AUTHORITY"] = issuer.Issuer,
            ["JWT_AUDIENCE"] = "api",
            ["SIGN_IN_CLIENT_ID"] = FakeIssuer.ClientId,
            ["SIGN_IN_CLIENT_SECRET"] = FakeIssuer.ClientSecret,
            ["EMBEDDED_WORKER"] = "false",
        }).StartAsync();
        var (page, complaints) = await server.OpenAsync(locked.Client.BaseAddress + "jobs");

        await page.GetByRole(AriaRole.Link, new() { Name = "Sign in with localhost" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "It is me" }).ClickAsync();

        await Expect(page.Locator(".who span")).ToHaveTextAsync("Alice");
        new Uri(page.Url).PathAndQuery.ShouldBe("/jobs");
        issuer.SignIns.Count.ShouldBe(1);
        var cookie = (await page.Context.CookiesAsync()).Single(static each => each.Name == "vmds_key");
        (issuer.Asks, issuer.Lifetime) = (false, TimeSpan.FromMinutes(-5));
        cookie.Value = issuer.Token(FakeIssuer.ClientId, issuer.Claims);
        issuer.Lifetime = TimeSpan.FromHours(1);
        await page.Context.AddCookiesAsync([new() { Name = cookie.Name, Value = cookie.Value, Url = locked.Client.BaseAddress!.AbsoluteUri, HttpOnly = true, SameSite = SameSiteAttribute.Strict }]);
        await page.GotoAsync(locked.Client.BaseAddress + "operations");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Operations");
        issuer.SignIns.Count.ShouldBe(2);

        complaints.ShouldBeEmpty();
        await page.Context.CloseAsync();
    }
}
