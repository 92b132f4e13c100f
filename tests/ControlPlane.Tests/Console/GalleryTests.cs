using System.Globalization;
using System.Net;
using AngleSharp;
using AngleSharp.Dom;

namespace VmDataset.ControlPlane.Tests.Console;

public sealed class GalleryTests : IAsyncDisposable
{
    private readonly Api _api = new();

    [Fact]
    public async Task The_gallery_shows_pictures_and_prompts_by_generator_and_leads_back_to_the_job()
    {
        var job = await _api.SubmitAsync("""{"generators": ["alpha", "beta"], "samples": 30, "batch_size": 30}""");
        await _api.FinishAsync(job, "alpha", 0, 30, change: static sample => sample with { Prompt = $"<b>Prompt {sample.Index}</b>" });
        await _api.FinishAsync(job, "beta", 0, 30);
        using var browser = new Browser(_api);

        var first = await browser.GetAsync($"/jobs/{job.Id}/gallery");
        var second = await browser.GetAsync(first.QuerySelector("a[rel=next]")!.GetAttribute("href")!);
        var beta = await browser.GetAsync($"/jobs/{job.Id}/gallery?generator=beta");

        first.QuerySelectorAll(".card").Length.ShouldBe(24);
        first.QuerySelector(".card img")!.GetAttribute("src").ShouldBe($"/v1/jobs/{job.Id}/files/alpha/shape_task/shape_00000000/first_frame.png");
        first.QuerySelector(".card .prompt").Words().ShouldBe("<b>Prompt 0</b>");
        first.QuerySelector($".tabs a[href='/jobs/{job.Id}']").Words().ShouldBe("Overview");
        second.QuerySelectorAll("main h2").Select(static title => title.Words()).ShouldBe(["alpha", "beta"]);
        beta.QuerySelectorAll("main h2").ShouldHaveSingleItem().Words().ShouldBe("beta");
    }

    [Fact]
    public async Task A_gallery_goes_on_by_itself_in_parts_that_continue_the_page_and_by_a_link_without_JavaScript()
    {
        var job = await _api.SubmitAsync("""{"generators": ["alpha", "beta"], "samples": 30, "batch_size": 30}""");
        await _api.FinishAsync(job, "alpha", 0, 30);
        await _api.FinishAsync(job, "beta", 0, 30);
        using var browser = new Browser(_api);

        var first = await browser.GetAsync($"/jobs/{job.Id}/gallery");
        var place = first.QuerySelector("nav[hx-get]")!;
        var second = await PartAsync(browser, place.GetAttribute("hx-get")!);
        var last = await PartAsync(browser, second.QuerySelector("nav[hx-get]")!.GetAttribute("hx-get")!);
        var bounded = await PartAsync(browser, $"/jobs/{job.Id}/gallery?loaded=39");

        (place.GetAttribute("hx-trigger"), place.GetAttribute("hx-swap")).ShouldBe(("revealed", "outerHTML"));
        place.QuerySelector("a[rel=next]")!.GetAttribute("href").ShouldBe($"/jobs/{job.Id}/gallery?cursor=alpha%3A23");
        first.QuerySelectorAll("script[src*=htmx]").Length.ShouldBe(1);
        second.QuerySelectorAll("h2").ShouldHaveSingleItem().Words().ShouldBe("beta");
        second.QuerySelectorAll("html main, h1, form").ShouldBeEmpty();
        Indices(second).ShouldBe([.. Enumerable.Range(24, 6), .. Enumerable.Range(0, 18)]);
        Indices(last).ShouldBe(Enumerable.Range(18, 12));
        last.QuerySelectorAll("nav, h2").ShouldBeEmpty();
        // So many pictures are enough for a browser: from there on a page begins anew.
        bounded.QuerySelector("nav[hx-get]").ShouldBeNull();
        bounded.QuerySelector("nav a[rel=next]").ShouldNotBeNull();
    }

    [Fact]
    public async Task A_shuffled_gallery_keeps_its_order_from_page_to_page_and_has_each_sample_once()
    {
        var job = await _api.SubmitAsync("""{"generators": ["alpha", "beta"], "samples": 30, "batch_size": 30}""");
        await _api.FinishAsync(job, "alpha", 0, 30);
        await _api.FinishAsync(job, "beta", 0, 30);
        using var browser = new Browser(_api);
        var buttons = (await browser.GetAsync($"/jobs/{job.Id}/gallery")).QuerySelectorAll("form.filter button");

        var first = await browser.GetAsync($"/jobs/{job.Id}/gallery?generator=&{buttons[1].GetAttribute("name")}={buttons[1].GetAttribute("value")}");
        var second = await PartAsync(browser, first.QuerySelector("nav[hx-get]")!.GetAttribute("hx-get")!);
        var third = await PartAsync(browser, second.QuerySelector("nav[hx-get]")!.GetAttribute("hx-get")!);
        var again = await browser.GetAsync($"/jobs/{job.Id}/gallery?shuffle=1");
        var other = await browser.GetAsync($"/jobs/{job.Id}/gallery?shuffle=2");

        buttons.Select(static button => button.Words()).ShouldBe(["Show", "Shuffle"]);
        first.QuerySelectorAll("form.filter button").Select(static button => $"{button.Words()} {button.GetAttribute("value")}").ShouldBe(["Show 1", "Shuffle again 2"]);
        first.QuerySelector("form.filter a").Words().ShouldBe("In order");
        string[] all = [.. Names(first), .. Names(second), .. Names(third)];
        all.Distinct().Count().ShouldBe(60);
        Names(again).ShouldBe(Names(first));
        Names(other).ShouldNotBe(Names(first));
        Names(first).Count(static name => name.StartsWith("alpha", StringComparison.Ordinal)).ShouldBeInRange(1, 23);
        second.QuerySelectorAll("h2").ShouldBeEmpty();
        third.QuerySelector("nav").ShouldBeNull();
        await browser.GetAsync($"/jobs/{job.Id}/gallery?shuffle=x", HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_gallery_of_one_split_keeps_to_it_from_page_to_page()
    {
        var job = await _api.SubmitAsync("""{"generators": ["alpha"], "samples": 60, "batch_size": 60, "splits": {"train": 0.5, "test": 0.5}}""");
        await _api.FinishAsync(job, "alpha", 0, 60);
        using var browser = new Browser(_api);

        var all = await browser.GetAsync($"/jobs/{job.Id}/gallery");
        var first = await browser.GetAsync($"/jobs/{job.Id}/gallery?split=test");
        var second = await PartAsync(browser, first.QuerySelector("nav[hx-get]")!.GetAttribute("hx-get")!);

        all.QuerySelectorAll("#split option").Select(static option => option.Words()).ShouldBe(["all", "train", "test"]);
        first.QuerySelector("#split option[selected]").Words().ShouldBe("test");
        var listed = (await _api.GetAsync($"/v1/jobs/{job.Id}/samples?split=test&limit=100")).GetProperty("items").EnumerateArray().Select(static each => $"alpha/{each.GetProperty("index").GetInt32()}");
        Names(first).Concat(Names(second)).ShouldBe(listed);
        (await browser.GetAsync($"/jobs/{job.Id}/gallery?split=val", HttpStatusCode.BadRequest)).QuerySelector("[role=alert]").Words().ShouldContain("allowed: train, test");
    }

    [Fact]
    public async Task A_sample_has_a_page_of_its_own_with_prompt_seed_parameters_and_files()
    {
        var job = await _api.SubmitAsync("""{"generators": ["alpha"], "samples": 30, "batch_size": 30, "seed": 42}""");
        await _api.FinishAsync(job, "alpha", 0, 30, change: static sample => sample with { Prompt = "Find the way.", Parameters = """{"size": 8}""" });
        using var browser = new Browser(_api);

        var page = await browser.GetAsync($"/jobs/{job.Id}/samples/alpha/7");

        page.QuerySelector(".prompt").Words().ShouldBe("Find the way.");
        page.QuerySelector(".facts").Words().ShouldContain("Seed 49");
        page.QuerySelector("pre").Words().ShouldBe("""{ "size": 8 }""");
        page.QuerySelectorAll("tbody a").Select(static link => link.Words()).ShouldBe(["first_frame.png", "prompt.txt"]);
        (await browser.GetAsync($"/jobs/{job.Id}/samples/alpha/30", HttpStatusCode.NotFound)).QuerySelector("[role=alert]").Words().ShouldContain("no finished sample 30");
        await browser.GetAsync($"/jobs/{job.Id}/samples/alpha/x", HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_gallery_without_a_sample_leads_to_the_failures()
    {
        var job = await _api.SubmitAsync("""{"generators": ["alpha"], "samples": 10, "batch_size": 10}""");
        await _api.DeadLetterAsync(job, "alpha", 0, 10);
        using var browser = new Browser(_api);

        (await browser.GetAsync($"/jobs/{job.Id}/gallery")).QuerySelector(".empty a")!.GetAttribute("href").ShouldBe($"/jobs/{job.Id}/failures");
    }

    private static async Task<IDocument> PartAsync(Browser browser, string path)
    {
        var html = await browser.GetPartAsync(path);
        return await BrowsingContext.New().OpenAsync(request => request.Content(html));
    }

    private static IEnumerable<int> Indices(IDocument page) => Names(page).Select(static name => int.Parse(name.Split('/')[1], CultureInfo.InvariantCulture));

    private static string[] Names(IDocument page) =>
        [.. page.QuerySelectorAll(".card h3 a").Select(static link => string.Join('/', link.GetAttribute("href")!.Split('/')[^2..]))];

    public ValueTask DisposeAsync() => _api.DisposeAsync();
}
