using System.Net;
using VmDataset.ControlPlane.Tests.Datasets;
using VmDataset.Pipeline.Jobs;

namespace VmDataset.ControlPlane.Tests.Console;

public sealed class RunTests : IAsyncDisposable
{
    private readonly Api _api = new();

    [Fact]
    public async Task A_run_page_shows_counts_by_state_with_failed_apart_from_finished_samples()
    {
        var job = await RunningAsync();
        using var browser = new Browser(_api);

        var page = await browser.GetAsync($"/jobs/{job.Id}");

        page.QuerySelector("h1").Words().ShouldBe($"Job {job.Id}");
        page.QuerySelector("#live .badge").Words().ShouldBe("running");
        var figures = page.QuerySelectorAll(".figures div").ToDictionary(static each => each.QuerySelector("dt").Words(), static each => each.QuerySelector("dd").Words());
        figures["Finished"].ShouldStartWith("10 of 40 (25%)");
        figures["Failed"].ShouldStartWith("5");
        figures["Missing"].ShouldStartWith("25");
        page.QuerySelector("#live .bar .failed")!.GetAttribute("width").ShouldBe("12.5%");
        page.QuerySelectorAll("#generators tbody th").Select(static cell => cell.Words()).ShouldBe(["alpha", "beta"]);
        page.QuerySelector(".plate .facts").Words().ShouldContain("local");
    }

    [Fact]
    public async Task A_timeline_shows_the_rate_as_a_picture_that_is_told_in_words()
    {
        var job = await RunningAsync();
        using var browser = new Browser(_api);

        var chart = (await browser.GetAsync($"/jobs/{job.Id}/timeline")).QuerySelector("svg.chart").ShouldNotBeNull();

        chart.GetAttribute("aria-label").ShouldStartWith("Samples finished a second over ");
        chart.QuerySelectorAll("rect").Count(static bar => bar.GetAttribute("height") == "100").ShouldBe(1);
        var empty = await _api.SubmitAsync("""{"generators": ["alpha"], "samples": 1}""");
        (await browser.GetAsync($"/jobs/{empty.Id}/timeline")).QuerySelector("svg.chart").ShouldBeNull();
    }

    [Fact]
    public async Task A_run_page_puts_the_plan_beside_what_the_job_took()
    {
        var job = await RunningAsync();
        using var browser = new Browser(_api);

        var table = (await browser.GetAsync($"/jobs/{job.Id}")).QuerySelectorAll("table")[0];

        table.QuerySelectorAll("tbody th").Select(static cell => cell.Words()).ShouldBe(["Time", "Core time"]);
        table.QuerySelectorAll("tbody tr").ShouldAllBe(static row => row.QuerySelectorAll("td").All(static cell => cell.Words() != "–"));
    }

    [Fact]
    public async Task A_run_page_is_read_again_in_part_for_as_long_as_its_job_goes_on()
    {
        var job = await RunningAsync();
        using var browser = new Browser(_api);

        var page = await browser.GetAsync($"/jobs/{job.Id}?sort=failed&order=desc");
        var part = await browser.GetPartAsync(page.QuerySelector("#live")!.GetAttribute("hx-get")!);

        page.QuerySelector("#live")!.GetAttribute("hx-get").ShouldBe($"/jobs/{job.Id}?sort=failed&order=desc");
        page.QuerySelector("#generators")!.HasAttribute("hx-swap-oob").ShouldBeFalse();
        part.ShouldStartWith("<div id=\"live\"");
        part.ShouldContain("<section id=\"generators\" hx-swap-oob=\"true\">");
        part.ShouldNotContain("<html");
    }

    [Fact]
    public async Task A_run_page_of_a_finished_job_with_its_dataset_is_not_read_again_and_links_the_dataset()
    {
        var job = await _api.DrawnAsync(DrawnJobs.FilesBody);
        await _api.DatasetAsync(job);
        using var browser = new Browser(_api);

        var page = await browser.GetAsync($"/jobs/{job.Id}");

        page.QuerySelector("#live")!.HasAttribute("hx-get").ShouldBeFalse();
        page.QuerySelectorAll("a[href$='README.md']").ShouldHaveSingleItem().GetAttribute("href").ShouldBe($"/v1/jobs/{job.Id}/files/README.md");
        page.QuerySelector($"a[href='/v1/jobs/{job.Id}/download?format=tar']").ShouldNotBeNull();
    }

    [Fact]
    public async Task A_run_page_stays_as_long_for_200_generators_as_for_25()
    {
        for (var i = 0; i < 200; i++) _api.AddGenerator($"generator-{i:000}");
        var job = await _api.SubmitAsync("""{"generators": "all", "samples": 10, "batch_size": 10}""");
        await _api.FinishAsync(job, "generator-150", 0, 10);
        await _api.DeadLetterAsync(job, "generator-199", 0, 4);
        using var browser = new Browser(_api);

        var first = await browser.GetAsync($"/jobs/{job.Id}");
        var sorted = await browser.GetAsync(first.QuerySelectorAll("#generators thead a").Single(static link => link.Words() == "Failed").GetAttribute("href")!);
        var filtered = await browser.GetAsync($"/jobs/{job.Id}?filter=GENERATOR-15&state=succeeded");
        var last = await browser.GetAsync($"/jobs/{job.Id}?page=900");

        first.QuerySelectorAll("#generators tbody tr").Length.ShouldBe(25);
        first.QuerySelector("#generators .pages").Words().ShouldBe("Page 1 of 9, 202 generators Next");
        sorted.QuerySelector("#generators tbody th").Words().ShouldBe("generator-199");
        sorted.QuerySelector("#generators [aria-sort]")!.GetAttribute("aria-sort").ShouldBe("descending");
        filtered.QuerySelectorAll("#generators tbody th").ShouldHaveSingleItem().Words().ShouldBe("generator-150");
        last.QuerySelectorAll("#generators tbody tr").Length.ShouldBe(2);
    }

    [Fact]
    public async Task Batches_are_shown_in_pages_by_state_and_generator()
    {
        var job = await _api.SubmitAsync("""{"generators": ["alpha", "beta"], "samples": 60, "batch_size": 1}""");
        await _api.FinishAsync(job, "beta", 0, 1);
        using var browser = new Browser(_api);

        var first = await browser.GetAsync($"/jobs/{job.Id}/batches");
        var second = await browser.GetAsync(first.QuerySelector("a[rel=next]")!.GetAttribute("href")!);
        var done = await browser.GetAsync($"/jobs/{job.Id}/batches?state=done&generator=");

        first.QuerySelectorAll("tbody tr").Length.ShouldBe(50);
        second.QuerySelector("tbody td").Words().ShouldBe("50 to 50");
        done.QuerySelectorAll("tbody tr").ShouldHaveSingleItem().Words().ShouldStartWith("beta 0 to 0 done 1 of 1 0");
        (await browser.GetAsync($"/jobs/{job.Id}/batches?state=odd", HttpStatusCode.BadRequest)).QuerySelector("[role=alert]").Words().ShouldContain("state is 'odd'");
    }

    [Fact]
    public async Task The_timeline_tells_what_was_done_to_the_job_and_by_whom()
    {
        var job = await RunningAsync();
        using var browser = new Browser(_api);
        await browser.FollowAsync((await browser.GetAsync($"/jobs/{job.Id}")).QuerySelector($"form[action='/jobs/{job.Id}/pause']")!);

        var steps = (await browser.GetAsync($"/jobs/{job.Id}/timeline")).QuerySelectorAll(".timeline li");

        steps[0].Words().ShouldStartWith("submitted");
        steps[1].Words().ShouldStartWith("paused");
        steps[1].Words().ShouldEndWith("by local");
    }

    [Fact]
    public async Task The_request_is_shown_as_JSON_and_as_a_command()
    {
        var job = await RunningAsync();
        using var browser = new Browser(_api);

        var texts = (await browser.GetAsync($"/jobs/{job.Id}/request")).QuerySelectorAll("pre").Select(static pre => pre.TextContent).ToList();

        (await _api.PostJobAsync(texts[0])).GetProperty("samples").GetProperty("total").GetInt32().ShouldBe(40);
        texts[1].ShouldStartWith("curl http://localhost/v1/jobs");
        texts[1].ShouldContain("\"seed\":42");
    }

    [Fact]
    public async Task A_job_that_is_not_there_is_a_page_that_says_so()
    {
        using var browser = new Browser(_api);

        (await browser.GetAsync("/jobs/20261123-130501-9f3c2a7b", HttpStatusCode.NotFound)).QuerySelector("[role=alert]").Words().ShouldContain("There is no job");
        (await browser.GetAsync("/jobs/.odd", HttpStatusCode.BadRequest)).QuerySelector("[role=alert]").Words().ShouldContain("id is '.odd'");
    }

    [Fact]
    public async Task An_address_without_a_page_is_a_page_for_a_person_and_a_problem_document_for_a_program()
    {
        using var browser = new Browser(_api);
        using var program = await browser.Client.GetAsync(new Uri("/nothing", UriKind.Relative), TestContext.Current.CancellationToken);
        browser.Client.DefaultRequestHeaders.Accept.ParseAdd("text/html,application/xhtml+xml;q=0.9");

        program.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        (await browser.GetAsync("/nothing", HttpStatusCode.NotFound)).QuerySelector("main a")!.GetAttribute("href").ShouldBe("/");
    }

    private async Task<Job> RunningAsync()
    {
        var job = await _api.SubmitAsync("""{"generators": ["alpha", "beta"], "samples": 20, "batch_size": 10, "seed": 42}""");
        await _api.FinishAsync(job, "alpha", 0, 10);
        await _api.DeadLetterAsync(job, "beta", 0, 5);
        return job;
    }

    public ValueTask DisposeAsync() => _api.DisposeAsync();
}
