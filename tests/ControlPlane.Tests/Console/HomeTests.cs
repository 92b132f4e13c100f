using System.Net;
using VmDataset.Pipeline.Queue;

namespace VmDataset.ControlPlane.Tests.Console;

public sealed class HomeTests : IAsyncDisposable
{
    private readonly Api _api = new();

    [Fact]
    public async Task Home_leads_to_a_first_dataset_where_there_is_none_and_to_the_documentation()
    {
        using var browser = new Browser(_api);

        var page = await browser.GetAsync("/");

        page.QuerySelector("main .empty a.primary")!.GetAttribute("href").ShouldBe("/jobs/new");
        page.QuerySelector("main .empty").Words().ShouldContain("2 generators can be used here");
        page.QuerySelector("main a[href='/swagger']").ShouldNotBeNull();
        (await browser.Client.GetStringAsync(new Uri("/swagger/index.html", UriKind.Relative), TestContext.Current.CancellationToken)).ShouldContain("swagger-ui");
    }

    [Fact]
    public async Task Home_shows_what_runs_and_the_newest_jobs_with_failed_apart_from_finished_samples()
    {
        var done = await _api.SubmitAsync("""{"generators": ["alpha"], "samples": 40, "batch_size": 10}""");
        await _api.FinishAsync(done, "alpha", 0, 40);
        var running = await _api.SubmitAsync("""{"generators": ["alpha", "beta"], "samples": 20, "batch_size": 10}""");
        await _api.FinishAsync(running, "alpha", 0, 10);
        await _api.DeadLetterAsync(running, "beta", 0, 10);
        using var browser = new Browser(_api);

        var page = await browser.GetAsync("/");

        var tables = page.QuerySelectorAll("table");
        tables[0].QuerySelectorAll("tbody tr").ShouldHaveSingleItem().QuerySelector("a")!.GetAttribute("href").ShouldBe($"/jobs/{running.Id}");
        tables[1].QuerySelectorAll("tbody tr").Length.ShouldBe(2);
        var row = tables[0].QuerySelector("tbody tr")!;
        row.QuerySelector(".bar")!.GetAttribute("aria-label").ShouldBe("10 of 40 samples finished, 10 failed");
        row.QuerySelector(".bar .done")!.GetAttribute("width").ShouldBe("25%");
        row.QuerySelector(".bar .failed")!.GetAttribute("x").ShouldBe("25%");
        row.Words().ShouldContain("alpha and 1 more");
    }

    [Fact]
    public async Task Home_shows_the_depth_of_the_queue_and_of_its_dead_letters()
    {
        await _api.SubmitAsync("""{"generators": ["alpha"], "samples": 30, "batch_size": 10}""");
        await _api.Queue.ReceiveAsync(1, TimeSpan.FromMinutes(1), TimeSpan.Zero);
        await _api.DeadLetters.SendAsync(new OutgoingMessage("{}", ""), "It is no message.");
        using var browser = new Browser(_api);

        var figures = (await browser.GetAsync("/")).QuerySelectorAll(".figures div").ToDictionary(static each => each.QuerySelector("dt").Words(), static each => each.QuerySelector("dd").Words());

        figures["Running jobs"].ShouldBe("1");
        (figures["Messages waiting"], figures["In work"]).ShouldBe(("2", "1"));
        figures["Dead letters"].ShouldBe("1");
    }

    [Fact]
    public async Task Home_says_so_as_an_error_when_no_worker_polls()
    {
        using var browser = new Browser(_api);

        (await browser.GetAsync("/")).QuerySelector("[role=alert]").Words().ShouldStartWith("No worker polls");
    }

    [Fact]
    public async Task A_part_of_Home_is_read_again_without_the_rest_of_the_page()
    {
        await _api.SubmitAsync("""{"generators": ["alpha"], "samples": 30}""");
        using var browser = new Browser(_api);

        var page = await browser.GetAsync("/");
        var part = await browser.GetPartAsync("/");

        page.QuerySelector("#live")!.GetAttribute("hx-get").ShouldBe("/");
        part.ShouldStartWith("<div id=\"live\"");
        part.ShouldNotContain("<html");
    }

    [Fact]
    public async Task The_list_of_jobs_goes_on_where_its_page_ends()
    {
        for (var i = 0; i < 51; i++) await _api.SubmitAsync("""{"generators": ["alpha"], "samples": 1}""");
        using var browser = new Browser(_api);

        var first = await browser.GetAsync("/jobs");
        var second = await browser.GetAsync(first.QuerySelector("a[rel=next]")!.GetAttribute("href")!);

        first.QuerySelectorAll("tbody tr").Length.ShouldBe(50);
        second.QuerySelectorAll("tbody tr").ShouldHaveSingleItem();
        (await browser.GetAsync("/jobs?cursor=nonsense", HttpStatusCode.BadRequest)).QuerySelector("[role=alert]").Words().ShouldContain("cursor is 'nonsense'");
    }

    public ValueTask DisposeAsync() => _api.DisposeAsync();
}
