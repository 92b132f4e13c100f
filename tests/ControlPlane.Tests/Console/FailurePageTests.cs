using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;

namespace VmDataset.ControlPlane.Tests.Console;

public sealed class FailurePageTests : IAsyncDisposable
{
    private const string Hostile = "<script>alert('x')</script><img src=x onerror=alert(1)>";
    private readonly Api _api = new();

    [Fact]
    public async Task Failures_are_grouped_by_generator_and_message_whatever_numbers_it_holds()
    {
        var job = await _api.SubmitAsync("""{"generators": ["alpha", "beta"], "samples": 40, "batch_size": 10, "seed": 42}""");
        for (var i = 0; i < 6; i++) await FailAsync(job, "alpha", i, $"no position for seed {42 + i}");
        await FailAsync(job, "alpha", 20, "out of memory");
        await FailAsync(job, "beta", 1, "no position for seed 43");
        await _api.DeadLetterAsync(job, "alpha", 0, 1);
        using var browser = new Browser(_api);

        var page = await browser.GetAsync($"/jobs/{job.Id}/failures");

        var groups = page.QuerySelectorAll(".failure");
        groups.Select(static group => $"{group.QuerySelector("h2").Words()}: {group.QuerySelector(".badge").Words()}").ShouldBe(["alpha: 6 samples", "alpha: 1 sample", "beta: 1 sample"]);
        groups[0].QuerySelectorAll("pre").Select(static pre => pre.TextContent).ShouldBe(["Traceback of 5", "drawing…"]);
        groups[0].Words().ShouldContain("Indices 0 to 5;");
        groups[0].Words().ShouldContain("5 of them will be tried again by themselves");
        groups[0].QuerySelector("a.button").Words().ShouldBe("Retry these …");
        groups[1].QuerySelector("a.button").ShouldBeNull();
        var address = groups[0].QuerySelector("a.button")!.GetAttribute("href")!;
        address.ShouldStartWith($"/jobs/{job.Id}/retry?generator=alpha&cause=");
        var these = await browser.GetAsync(address);
        these.QuerySelector("main p:not(.actions) + p").Words().ShouldBe("1 sample of alpha that failed for good by this cause is drawn again with fresh attempts. What failed otherwise stays as it is.");
        these.QuerySelector("select").ShouldBeNull();
        var confirm = await browser.GetAsync($"/jobs/{job.Id}/retry?generator=alpha");
        confirm.QuerySelector("main p:not(.actions) + p").Words().ShouldBe("Exactly the samples of alpha that are not finished, 40 of 40, are drawn again with fresh attempts, whatever the cause was.");
        confirm.QuerySelector(".hint").Words().ShouldStartWith("The job goes on: workers stop its batches");
        page.QuerySelectorAll("a")[^1].GetAttribute("href").ShouldBe($"/v1/jobs/{job.Id}/failures/causes");
    }

    [Fact]
    public async Task Failures_of_one_generator_are_shown_alone()
    {
        var job = await _api.SubmitAsync("""{"generators": ["alpha", "beta"], "samples": 40, "batch_size": 10}""");
        await FailAsync(job, "alpha", 0, "one");
        await FailAsync(job, "beta", 0, "two");
        using var browser = new Browser(_api);

        foreach (var name in new[] { "alpha", "beta" })
            (await browser.GetAsync($"/jobs/{job.Id}/failures?generator={name}")).QuerySelectorAll(".failure h2").ShouldHaveSingleItem().Words().ShouldBe(name);
    }

    [Fact]
    public async Task A_cause_is_retried_once_nothing_tries_its_samples_again_and_not_while_the_job_is_paused()
    {
        var job = await _api.SubmitAsync("""{"generators": ["alpha"], "samples": 40, "batch_size": 10}""");
        await FailAsync(job, "alpha", 3, "no position");
        using var browser = new Browser(_api);

        async Task<bool> OffersRetryAsync() => (await browser.GetAsync($"/jobs/{job.Id}/failures")).QuerySelector(".failure a.button") is not null;
        (await OffersRetryAsync()).ShouldBeFalse();
        await _api.DeadLetterAsync(job, "alpha", 3, 1);
        (await OffersRetryAsync()).ShouldBeTrue();
        await browser.FollowAsync((await browser.GetAsync($"/jobs/{job.Id}")).QuerySelector("form[action$='/pause']")!);
        (await OffersRetryAsync()).ShouldBeFalse();
        await browser.FollowAsync((await browser.GetAsync($"/jobs/{job.Id}/cancel")).QuerySelector("form[action$='/cancel']")!);
        (await OffersRetryAsync()).ShouldBeTrue();
        var offered = (await browser.GetAsync($"/jobs/{job.Id}/failures")).QuerySelector(".failure a.button");
        (offered.Words(), offered!.GetAttribute("href")).ShouldBe(("Retry all that is missing of this generator …", $"/jobs/{job.Id}/retry?generator=alpha"));
        await browser.FollowAsync((await browser.GetAsync($"/jobs/{job.Id}/retry?generator=alpha")).QuerySelector("form[action$='/retry']")!);
        (await _api.GetAsync($"/v1/jobs/{job.Id}")).At("history[2].generator").GetString().ShouldBe("alpha");
    }

    [Fact]
    public async Task A_retry_of_a_cause_is_of_its_samples_alone_and_says_why_it_is_refused()
    {
        var job = await _api.SubmitAsync("""{"generators": ["alpha"], "samples": 40, "batch_size": 10}""");
        foreach (var (index, message) in new[] { (3, "no position"), (4, "no position"), (8, "out of memory") })
        {
            await FailAsync(job, "alpha", index, message);
            await _api.DeadLetterAsync(job, "alpha", index, 1);
        }

        using var browser = new Browser(_api);
        var address = (await browser.GetAsync($"/jobs/{job.Id}/failures")).QuerySelector(".failure a.button")!.GetAttribute("href")!;
        var form = (await browser.GetAsync(address)).QuerySelector("form[action$='/retry']")!;
        var refused = await browser.FollowAsync(form, ("timeout_seconds", "0"));
        await browser.FollowAsync(form);

        refused.QuerySelector("[role=alert]").Words().ShouldStartWith("timeout_seconds is 0; allowed:");
        var view = await _api.GetAsync($"/v1/jobs/{job.Id}");
        (view.At("history[0].generator").GetString(), view.At("history[0].samples").GetInt32(), view.At("samples.failed").GetInt32()).ShouldBe(("alpha", 2, 1));
        await browser.FollowAsync((await browser.GetAsync($"/jobs/{job.Id}/cancel")).QuerySelector("form[action$='/cancel']")!);
        (await browser.FollowAsync(form)).QuerySelector("main").Words().ShouldContain("the work on alpha was ended");
    }

    [Fact]
    public async Task Hostile_errors_names_and_reasons_are_shown_as_text()
    {
        var job = await _api.SubmitAsync("""{"generators": ["alpha"], "samples": 40, "batch_size": 10}""");
        await FailAsync(job, "alpha", 3, Hostile, Hostile);
        using var browser = new Browser(_api);

        var page = await browser.GetAsync($"/jobs/{job.Id}/failures");
        var batches = await browser.GetAsync($"/jobs/{job.Id}/batches");
        var filtered = await browser.GetAsync($"/jobs/{job.Id}?filter={Uri.EscapeDataString("\"><script>alert(1)</script>")}");

        page.QuerySelector(".failure strong").Words().ShouldBe(Hostile);
        page.QuerySelector(".failure pre").Words().ShouldBe(Hostile);
        batches.QuerySelector("td.error").Words().ShouldContain(Hostile);
        filtered.QuerySelector("#filter")!.GetAttribute("value").ShouldBe("\"><script>alert(1)</script>");
        foreach (var each in new[] { page, batches, filtered }) each.QuerySelectorAll("main script, main img").ShouldBeEmpty();
    }

    [Fact]
    public async Task Thousands_of_failures_fit_a_page_and_go_on_where_it_ends()
    {
        var job = await _api.SubmitAsync("""{"generators": ["alpha"], "samples": 1000, "batch_size": 10}""");
        for (var i = 0; i < 600; i++) await FailAsync(job, "alpha", i, $"cause {(char)('a' + (i % 26))}{(char)('a' + (i / 26))}", new string('x', 16_000));
        using var browser = new Browser(_api);

        var first = await browser.GetAsync($"/jobs/{job.Id}/failures");
        var second = await browser.GetAsync(first.QuerySelector("a[rel=next]")!.GetAttribute("href")!);

        first.QuerySelectorAll(".failure").Length.ShouldBe(20);
        second.QuerySelectorAll("a[rel=next]").ShouldBeEmpty();
    }

    private Task<bool> FailAsync(Job job, string generator, int index, string message, string? traceback = null) =>
        _api.Store.PutJsonAsync(ObjectKeys.Failed(job.Id, generator, new SampleRange(index, 1)), new FailureRecord
        {
            Generator = generator,
            StartIndex = index,
            NumSamples = 1,
            BaseSeed = job.Seed,
            Attempt = 1,
            Kind = FailureKind.Raised,
            Message = message,
            ExceptionType = "ValueError",
            Traceback = traceback ?? $"Traceback of {index}",
            LogTail = "drawing…",
            FailedAt = DateTimeOffset.UtcNow.AddSeconds(index),
        });

    public ValueTask DisposeAsync() => _api.DisposeAsync();
}
