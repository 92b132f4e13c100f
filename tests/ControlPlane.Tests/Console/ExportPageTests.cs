using System.Net;
using VmDataset.ControlPlane.Tests.Datasets;
using VmDataset.ControlPlane.Tests.Jobs.Exports;
using VmDataset.Pipeline.Jobs;

namespace VmDataset.ControlPlane.Tests.Console;

public sealed class ExportPageTests : IAsyncDisposable
{
    private readonly Api _api = new();

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task The_run_page_leads_to_a_form_that_makes_an_export_which_is_shown_with_its_state_and_command()
    {
        var job = await ReadyAsync(DrawnJobs.FilesBody);
        using var browser = new Browser(_api);
        var page = await browser.GetAsync((await browser.GetAsync($"/jobs/{job.Id}")).QuerySelectorAll("#live .plate a.button")
            .Single(static link => link.Words() == "Export for a trainer …").GetAttribute("href")!);
        var form = page.QuerySelector("form.stack")!;

        var pending = await browser.FollowAsync(form, ("profile", "musubi-tuner"), ("base_path", "/data/mazes"));
        var part = await browser.GetPartAsync(pending.QuerySelector("#exports")!.GetAttribute("hx-get")!);
        await _api.MakeExportsAsync();
        var ready = await browser.GetAsync($"/jobs/{job.Id}/exports");

        page.QuerySelector("#exports")!.HasAttribute("hx-get").ShouldBeFalse();
        form.QuerySelectorAll("input[name=profile]").Select(static each => each.GetAttribute("value")).ShouldBe(
            ["diffsynth", "videox-fun", "finetrainers", "musubi-tuner", "vbvr-wan2.2", "vbvr-rl", "diffusion-pipe", "vbvr-evalkit", "vbvr-inferkit", "webdataset", "mds"]);
        form.QuerySelector(".choice").Words().ShouldBe("diffsynth Training with DiffSynth-Studio");
        pending.QuerySelector(".notice.good").Words().ShouldBe("A worker makes the export.");
        pending.QuerySelector(".export .badge").Words().ShouldBe("pending");
        pending.QuerySelectorAll("script[src*=htmx]").Length.ShouldBe(1);
        part.ShouldStartWith("<div id=\"exports\"");
        ready.QuerySelector(".export .badge").Words().ShouldBe("ready");
        ready.QuerySelector(".export pre").Words().ShouldBe("python wan_cache_latents.py --dataset_config /data/mazes/exports/musubi-tuner-e050c19f/dataset.toml");
        ready.QuerySelector(".export .hint").Words().ShouldBe("for musubi-tuner; 10 samples; 10 left out, as they lack a video or a prompt; folder /data/mazes");
        ready.QuerySelector(".export a")!.GetAttribute("href")!.ShouldStartWith($"/v1/jobs/{job.Id}/files/exports/musubi-tuner-");
        ready.QuerySelector("#exports")!.HasAttribute("hx-get").ShouldBeFalse();
        (await browser.FollowAsync(form, ("profile", "musubi-tuner"), ("base_path", "/data/mazes"))).QuerySelector(".notice.good").Words().ShouldBe("The export is there.");
    }

    [Fact]
    public async Task A_form_that_the_API_refuses_is_shown_again_with_the_reason_beside_its_fields()
    {
        var job = await ReadyAsync(DrawnJobs.FilesBody);
        using var browser = new Browser(_api);
        var form = (await browser.GetAsync($"/jobs/{job.Id}/exports")).QuerySelector("form.stack")!;

        using var none = await browser.SendAsync(form);
        using var wrong = await browser.SendAsync(form, ("profile", "diffsynth"), ("base_path", "/data"), ("seed", "soon"));
        using var other = await browser.SendAsync(form, ("profile", "vbvr-dataset"));

        (await Browser.ReadAsync(none, HttpStatusCode.BadRequest)).QuerySelector("[id='error:profile']").Words().ShouldStartWith("profile is missing; allowed: one of diffsynth");
        var page = await Browser.ReadAsync(wrong, HttpStatusCode.BadRequest);
        page.QuerySelector("[id='error:seed']").Words().ShouldContain("seed is \"soon\"");
        page.QuerySelector("[id='error:base_path']").Words().ShouldStartWith("base_path is there beside profile 'diffsynth'");
        page.QuerySelector("input[name=base_path]")!.GetAttribute("value").ShouldBe("/data");
        page.QuerySelector("input[name=profile][checked]")!.GetAttribute("value").ShouldBe("diffsynth");
        (await Browser.ReadAsync(other, HttpStatusCode.Conflict)).QuerySelector("[role=alert]").Words().ShouldContain("names tars; allowed: a job with output_format webdataset");
        (await _api.ExportsAsync(job)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_job_offers_the_profiles_of_its_format_and_its_splits_and_the_fields_of_shards()
    {
        var tars = await ReadyAsync(DrawnJobs.TarsBody);
        var split = await ReadyAsync("""{"generators": ["beta"], "samples": 10, "seed": 7, "batch_size": 5, "splits": {"train": 0.5, "test": 0.5}}""");
        using var browser = new Browser(_api);

        var ofTars = (await browser.GetAsync($"/jobs/{tars.Id}/exports")).QuerySelector("form.stack")!;
        var form = (await browser.GetAsync($"/jobs/{split.Id}/exports")).QuerySelector("form.stack")!;
        await browser.FollowAsync(form, ("profile", "mds"), ("split", "train"), ("shards", "by_generator"), ("shard_bytes", "65536"), ("seed", "5"));

        ofTars.QuerySelectorAll("input[name=profile]").Select(static each => each.GetAttribute("value")).ShouldBe(["vbvr-dataset", "webdataset", "mds"]);
        ofTars.QuerySelectorAll("input[name=base_path], select[name=split]").ShouldBeEmpty();
        form.QuerySelectorAll("select[name=split] option").Select(static each => each.Words()).ShouldBe(["all samples", "train", "test"]);
        var export = (await _api.ExportsAsync(split)).ShouldHaveSingleItem();
        (export.GetProperty("split").GetString(), export.GetProperty("shards").GetString(), export.GetProperty("shard_bytes").GetInt64(), export.GetProperty("seed").GetInt32())
            .ShouldBe(("train", "by_generator", 65_536, 5));
    }

    [Fact]
    public async Task An_outdated_export_is_made_again_by_its_own_button_once_the_dataset_is_there_again()
    {
        var job = await _api.SubmitAsync("""{"generators": ["beta"], "samples": 10, "seed": 7, "batch_size": 5}""");
        await _api.Store.DrawAsync(job, "beta", 0, 5);
        await _api.DeadLetterAsync(job, "beta", 5, 5);
        await _api.DatasetAsync(job);
        await _api.PostExportAsync(job, """{"profile": "mds", "seed": 3}""", HttpStatusCode.Accepted);
        await _api.MakeExportsAsync();
        using var browser = new Browser(_api);
        await browser.FollowAsync((await browser.GetAsync($"/jobs/{job.Id}/retry?generator=beta")).QuerySelector("form[action$='/retry']")!);

        var before = await browser.GetAsync($"/jobs/{job.Id}/exports");
        await _api.Store.DrawAsync(job, "beta", 5, 5);
        await _api.DatasetAsync(job);
        var page = await browser.GetAsync($"/jobs/{job.Id}/exports");
        var again = await browser.FollowAsync(page.QuerySelector(".export form")!);

        (before.QuerySelector(".export .badge").Words(), before.QuerySelector("form.stack")).ShouldBe(("outdated", null));
        before.QuerySelector(".empty").Words().ShouldStartWith("An export is made of a dataset.");
        again.QuerySelectorAll(".export .badge").ShouldHaveSingleItem().Words().ShouldBe("pending");
    }

    [Fact]
    public async Task A_form_for_an_export_without_its_token_makes_none()
    {
        var job = await ReadyAsync(DrawnJobs.FilesBody);
        using var browser = new Browser(_api);
        await browser.GetAsync($"/jobs/{job.Id}/exports");

        using var answer = await browser.PostAsync($"/jobs/{job.Id}/exports", ("profile", "diffsynth"));

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await _api.ExportsAsync(job)).ShouldBeEmpty();
    }

    private async Task<Job> ReadyAsync(string body)
    {
        var job = await _api.DrawnAsync(body);
        await _api.DatasetAsync(job);
        return job;
    }
}
