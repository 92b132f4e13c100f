using System.Net;

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

    public ValueTask DisposeAsync() => _api.DisposeAsync();
}
