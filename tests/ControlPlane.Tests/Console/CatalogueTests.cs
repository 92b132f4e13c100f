using System.Net;

namespace VmDataset.ControlPlane.Tests.Console;

public sealed class CatalogueTests : IAsyncDisposable
{
    private readonly Api _api = new();

    [Fact]
    public async Task The_catalogue_says_of_each_generator_whether_it_can_be_used_and_why_not()
    {
        _api.AddGenerator("gamma", readme: "# Gamma\n\nDraws <b>gammas</b> & more.\n");
        using var browser = new Browser(_api);

        var cards = (await browser.GetAsync("/generators")).QuerySelectorAll(".card").ToDictionary(static card => card.QuerySelector("h2").Words());
        var unusable = await browser.GetAsync("/generators?only=unusable");
        var searched = await browser.GetAsync("/generators?search=GAMMAS");

        cards.Keys.ShouldBe(["alpha", "beta", "broken", "gamma"]);
        cards["alpha"].QuerySelector("a.button")!.GetAttribute("href").ShouldBe("/jobs/new?generators=alpha");
        cards["broken"].QuerySelector("a.button").ShouldBeNull();
        cards["broken"].QuerySelector(".error").ShouldNotBeNull();
        cards["gamma"].QuerySelector("p").Words().ShouldBe("Draws <b>gammas</b> & more.");
        unusable.QuerySelectorAll(".card h2").ShouldHaveSingleItem().Words().ShouldBe("broken");
        searched.QuerySelectorAll(".card h2").ShouldHaveSingleItem().Words().ShouldBe("gamma");
    }

    [Fact]
    public async Task The_catalogue_is_grouped_and_filtered_by_category()
    {
        (await CatalogueAsync("/generators")).QuerySelectorAll(".group, #category").ShouldBeEmpty();
        _api.AddGenerator("zeta", readme: "| **Category** | Perception |\n");
        _api.AddGenerator("eta", readme: "| **Category** | Abstraction |\n");

        var all = await CatalogueAsync("/generators");
        all.QuerySelectorAll("#category option").Select(static option => option.Words()).ShouldBe(["All", "Abstraction", "Perception", "Other"]);
        all.QuerySelectorAll("h2").Select(static heading => heading.Words())
            .ShouldBe(["Abstraction", "eta", "Perception", "zeta", "Other", "alpha", "beta", "broken"]);
        var one = await CatalogueAsync("/generators?category=Perception&search=");
        one.QuerySelectorAll(".card h2").ShouldHaveSingleItem().Words().ShouldBe("zeta");
        one.QuerySelector("#category option[selected]").Words().ShouldBe("Perception");
        (await CatalogueAsync("/generators?category=other")).QuerySelectorAll(".card").Length.ShouldBe(3);
        (await CatalogueAsync("/generators/zeta")).QuerySelectorAll(".facts")[0].Words().ShouldContain("Category Perception");
    }

    private async Task<AngleSharp.Dom.IDocument> CatalogueAsync(string path)
    {
        using var browser = new Browser(_api);
        return await browser.GetAsync(path);
    }

    [Fact]
    public async Task The_catalogue_goes_on_in_pages()
    {
        for (var i = 0; i < 30; i++) _api.AddGenerator($"generator-{i:00}");
        using var browser = new Browser(_api);

        var first = await browser.GetAsync("/generators?search=generator");
        var second = await browser.GetAsync(first.QuerySelector("a[rel=next]")!.GetAttribute("href")!);

        first.QuerySelectorAll(".card").Length.ShouldBe(24);
        second.QuerySelectorAll(".card").Length.ShouldBe(6);
        second.QuerySelector("a[rel=next]").ShouldBeNull();
    }

    [Fact]
    public async Task A_generators_page_tells_what_is_known_of_it()
    {
        using var browser = new Browser(_api);

        var page = await browser.GetAsync("/generators/alpha");

        page.QuerySelector("h1").Words().ShouldBe("alpha");
        page.QuerySelectorAll(".facts")[0].Words().ShouldContain("Script examples/generate.py");
        page.QuerySelectorAll(".facts")[1].Words().ShouldContain("nothing yet: these are figures of an average generator");
        (await browser.GetAsync("/generators/missing", HttpStatusCode.NotFound)).QuerySelector("[role=alert]").Words().ShouldContain("There is no generator 'missing'");
        await browser.GetAsync("/generators/.odd", HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_preview_is_drawn_by_a_form_and_its_picture_stands_in_the_catalogue()
    {
        using var browser = new Browser(_api);
        var form = (await browser.GetAsync("/generators/alpha")).QuerySelector("form[action='/generators/alpha/preview']")!;

        var asking = browser.FollowAsync(form);
        var job = await Eventually.GetAsync(_api.FindPreviewAsync, static job => job is not null);
        await _api.FinishAsync(job!, "alpha", 0, 4, change: static sample => sample with { Prompt = "<i>Look.</i>" });
        var page = await asking;

        page.QuerySelectorAll("#preview .card").Length.ShouldBe(4);
        page.QuerySelector("#preview .prompt").Words().ShouldBe("<i>Look.</i>");
        (await browser.GetAsync("/generators")).QuerySelector(".card img")!.GetAttribute("src").ShouldBe($"/v1/jobs/{job!.Id}/files/alpha/shape_task/shape_00000000/first_frame.png");
        (await browser.GetAsync($"/jobs/{job.Id}")).QuerySelector("h1").Words().ShouldContain(job.Id);
    }

    [Fact]
    public async Task A_preview_that_the_API_refuses_says_why_beside_the_field()
    {
        using var browser = new Browser(_api);
        var form = (await browser.GetAsync("/generators/alpha")).QuerySelector("form[action='/generators/alpha/preview']")!;

        var page = await browser.FollowAsync(form, ("samples", "9"));

        page.GetElementById("error:samples").Words().ShouldBe("samples is 9; allowed: an integer from 1 to 8.");
        page.GetElementById("samples")!.GetAttribute("value").ShouldBe("9");
    }

    public ValueTask DisposeAsync() => _api.DisposeAsync();
}
