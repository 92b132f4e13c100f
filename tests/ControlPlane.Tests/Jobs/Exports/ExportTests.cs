using System.Net;
using VmDataset.ControlPlane.Tests.Datasets;

namespace VmDataset.ControlPlane.Tests.Jobs.Exports;

/// <summary>When an export is made, by whom, and what is refused.</summary>
public sealed class ExportTests : IAsyncDisposable
{
    private const string DiffSynth = """{"profile": "diffsynth"}""";

    private readonly Api _api = new();

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task An_export_is_made_by_a_worker_and_downloaded_as_any_file()
    {
        var job = await _api.DrawnAsync(DrawnJobs.FilesBody);
        await _api.DatasetAsync(job);

        var asked = await _api.PostExportAsync(job, DiffSynth, HttpStatusCode.Accepted);
        asked.GetProperty("state").GetString().ShouldBe("pending");
        asked.TryGetProperty("files", out _).ShouldBeFalse();
        (await _api.MakeExportsAsync()).ShouldBe(1);

        var made = (await _api.ExportsAsync(job)).ShouldHaveSingleItem();
        made.GetProperty("state").GetString().ShouldBe("ready");
        made.GetProperty("samples").GetInt32().ShouldBe(10);
        // The second generator draws no video.
        made.GetProperty("skipped").GetInt32().ShouldBe(10);
        var file = made.GetProperty("files").EnumerateArray().ShouldHaveSingleItem();
        file.GetProperty("path").GetString().ShouldBe("exports/diffsynth/metadata.jsonl");
        using var client = _api.Client();
        var content = await client.GetByteArrayAsync(new Uri(file.GetProperty("url").GetString()!, UriKind.Relative));
        content.Length.ShouldBe(file.GetProperty("bytes").GetInt32());
        DrawnJobs.Hex(content).ShouldBe(file.GetProperty("sha256").GetString());
        made.GetProperty("usage").GetString()!.ShouldContain("--dataset_metadata_path FOLDER/exports/diffsynth/metadata.jsonl");
    }

    [Fact]
    public async Task The_same_request_again_is_the_same_export()
    {
        var job = await _api.DrawnAsync(DrawnJobs.FilesBody);
        await _api.DatasetAsync(job);
        const string withBase = """{"profile": "musubi-tuner", "base_path": "/data/a"}""";
        await _api.PostExportAsync(job, withBase, HttpStatusCode.Accepted);
        await _api.PostExportAsync(job, withBase, HttpStatusCode.Accepted);
        (await _api.MakeExportsAsync()).ShouldBe(1);

        var again = await _api.PostExportAsync(job, withBase, HttpStatusCode.OK);
        again.GetProperty("state").GetString().ShouldBe("ready");
        again.GetProperty("usage").GetString().ShouldBe("python wan_cache_latents.py --dataset_config /data/a/exports/musubi-tuner-46d2cd93/dataset.toml");
        (await _api.MakeExportsAsync()).ShouldBe(0);
        await _api.PostExportAsync(job, """{"profile": "musubi-tuner"}""", HttpStatusCode.Accepted);
        (await _api.ExportsAsync(job)).Select(static each => each.GetProperty("id").GetString()).ShouldBe(["musubi-tuner", "musubi-tuner-46d2cd93"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_lost_message_is_sent_again_on_request()
    {
        var job = await _api.DrawnAsync(DrawnJobs.FilesBody);
        await _api.DatasetAsync(job);
        await _api.PostExportAsync(job, DiffSynth, HttpStatusCode.Accepted);
        _api.Time.Shift += TimeSpan.FromMinutes(21);

        await _api.PostExportAsync(job, DiffSynth, HttpStatusCode.Accepted);
        (await _api.MakeExportsAsync()).ShouldBe(2);
        (await _api.ExportsAsync(job)).ShouldHaveSingleItem().GetProperty("state").GetString().ShouldBe("ready");
    }

    [Fact]
    public async Task A_retry_outdates_an_export_and_the_same_request_makes_it_anew()
    {
        var job = await _api.SubmitAsync("""{"generators": ["beta"], "samples": 10, "seed": 7, "batch_size": 5}""");
        await _api.Store.DrawAsync(job, "beta", 0, 5);
        await _api.DeadLetterAsync(job, "beta", 5, 5);
        await _api.DatasetAsync(job);
        await _api.PostExportAsync(job, DiffSynth, HttpStatusCode.Accepted);
        await _api.MakeExportsAsync();
        using var client = _api.Client();
        (await client.PostAsync(new Uri($"/v1/jobs/{job.Id}/retry", UriKind.Relative), null)).StatusCode.ShouldBe(HttpStatusCode.Accepted);

        (await _api.ExportsAsync(job)).ShouldHaveSingleItem().GetProperty("state").GetString().ShouldBe("outdated");
        await _api.PostExportAsync(job, DiffSynth, HttpStatusCode.Conflict);
        await _api.Store.DrawAsync(job, "beta", 5, 5);
        await _api.DatasetAsync(job);
        (await _api.ExportsAsync(job)).ShouldHaveSingleItem().GetProperty("state").GetString().ShouldBe("outdated");
        (await _api.PostExportAsync(job, DiffSynth, HttpStatusCode.Accepted)).GetProperty("state").GetString().ShouldBe("pending");
        await _api.MakeExportsAsync();
        var made = (await _api.ExportsAsync(job)).ShouldHaveSingleItem();
        made.GetProperty("state").GetString().ShouldBe("ready");
        made.GetProperty("samples").GetInt32().ShouldBe(10);
    }

    [Fact]
    public async Task A_message_of_data_that_has_changed_writes_nothing()
    {
        var job = await _api.SubmitAsync("""{"generators": ["beta"], "samples": 10, "seed": 7, "batch_size": 5}""");
        await _api.Store.DrawAsync(job, "beta", 0, 5);
        await _api.DeadLetterAsync(job, "beta", 5, 5);
        await _api.DatasetAsync(job);
        await _api.PostExportAsync(job, DiffSynth, HttpStatusCode.Accepted);
        await _api.Store.DrawAsync(job, "beta", 5, 5);

        (await _api.MakeExportsAsync()).ShouldBe(1);

        (await _api.ExportsAsync(job)).ShouldHaveSingleItem().GetProperty("state").GetString().ShouldBe("outdated");
        (await _api.Store.FilesAsync(job)).Keys.ShouldNotContain("exports/diffsynth/metadata.jsonl");
    }

    [Fact]
    public async Task A_download_names_the_files_of_exports_behind_those_about_the_dataset()
    {
        var job = await _api.DrawnAsync(DrawnJobs.FilesBody);
        await _api.DatasetAsync(job);
        await _api.PostExportAsync(job, """{"profile": "finetrainers"}""", HttpStatusCode.Accepted);
        await _api.MakeExportsAsync();

        var page = await _api.GetAsync($"/v1/jobs/{job.Id}/download?limit=8");
        page.GetProperty("items").EnumerateArray().Select(static each => each.GetProperty("path").GetString()).ShouldBe(
            ["metadata.jsonl", "metadata.parquet", "croissant.json", "README.md", "SHA256SUMS", "exports/finetrainers/prompt.txt", "exports/finetrainers/videos.txt",
                "beta/shape_task/shape_00000000/final_frame.png"]);
    }

    [Fact]
    public async Task A_job_without_a_dataset_has_no_export()
    {
        var job = await _api.SubmitAsync(DrawnJobs.FilesBody);
        await _api.ReconcileAsync();

        var problem = await _api.PostExportAsync(job, DiffSynth, HttpStatusCode.Conflict);
        problem.GetProperty("detail").GetString()!.ShouldContain("shows under dataset when it is ready");
        (await _api.ExportsAsync(job)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(DrawnJobs.TarsBody, "diffsynth", "allowed: a job with output_format files")]
    [InlineData(DrawnJobs.FilesBody, "vbvr-dataset", "allowed: a job with output_format webdataset")]
    [InlineData("""{"generators": ["beta"], "samples": 1000001, "seed": 7, "batch_size": 10000}""", "diffsynth", "allowed: exports of up to 1,000,000")]
    public async Task A_profile_of_another_kind_of_job_is_refused_with_the_way_out(string body, string profile, string expected)
    {
        var job = await _api.SubmitAsync(body);

        var problem = await _api.PostExportAsync(job, $$"""{"profile": "{{profile}}"}""", HttpStatusCode.Conflict);
        problem.GetProperty("detail").GetString()!.ShouldContain(expected);
    }

    [Theory]
    [InlineData("""{}""", "profile", "profile is missing; allowed: one of diffsynth, videox-fun")]
    [InlineData("""{"profile": "lora"}""", "profile", "profile is \"lora\"; allowed: one of diffsynth")]
    [InlineData("""{"profile": "diffsynth", "base_path": "/data"}""", "base_path", "allowed with musubi-tuner")]
    [InlineData("""{"profile": "musubi-tuner", "base_path": "a\nb"}""", "base_path", "without control characters")]
    [InlineData("""{"profile": "diffsynth", "split": "train"}""", "split", "split is \"train\"; allowed: no split, as the job has none")]
    [InlineData("""{"profile": "diffsynth", "format": "csv"}""", "format", "format is not a field; allowed: profile, base_path, split, shards, shard_bytes, seed.")]
    [InlineData("""{"profile": "webdataset", "shards": "sorted"}""", "shards", "shards is \"sorted\"; allowed: mixed or by_generator.")]
    [InlineData("""{"profile": "webdataset", "shard_bytes": 65535}""", "shard_bytes", "shard_bytes is 65535; allowed: an integer from 65,536 to 4,000,000,000.")]
    [InlineData("""{"profile": "mds", "shard_bytes": 4000000001}""", "shard_bytes", "shard_bytes is 4000000001; allowed: an integer from 65,536 to 4,000,000,000.")]
    [InlineData("""{"profile": "mds", "seed": -1}""", "seed", "seed is -1; allowed: an integer from 0 to 2,147,483,647.")]
    [InlineData("""{"profile": "diffsynth", "shards": "mixed"}""", "shards", "shards is there beside profile 'diffsynth'; allowed with webdataset, mds: the others copy no samples.")]
    [InlineData("""{"profile": "diffsynth", "shard_bytes": 65536}""", "shard_bytes", "allowed with webdataset, mds")]
    [InlineData("""{"profile": "diffsynth", "seed": 1}""", "seed", "allowed with webdataset, mds")]
    [InlineData("""{"profile": "mds", "base_path": "/data"}""", "base_path", "allowed with musubi-tuner")]
    public async Task A_malformed_request_is_refused_by_its_field(string body, string field, string expected)
    {
        var job = await _api.SubmitAsync(DrawnJobs.FilesBody);

        var problem = await _api.PostExportAsync(job, body, HttpStatusCode.BadRequest);
        problem.ErrorOf(field).ShouldContain(expected);
    }

    [Fact]
    public async Task A_split_that_the_job_lacks_is_refused_with_those_it_has()
    {
        var job = await _api.SubmitAsync("""{"generators": ["beta"], "samples": 10, "splits": {"train": 0.9, "test": 0.1}}""");

        var problem = await _api.PostExportAsync(job, """{"profile": "diffsynth", "split": "dev"}""", HttpStatusCode.BadRequest);
        problem.ErrorOf("split").ShouldBe("split is \"dev\"; allowed: a split of the job: train, test.");
    }

    [Fact]
    public async Task A_dataset_without_a_video_cannot_be_exported_and_says_so()
    {
        var job = await _api.DrawnAsync("""{"generators": ["alpha"], "samples": 5, "seed": 7, "batch_size": 5}""");
        await _api.DatasetAsync(job);
        await _api.PostExportAsync(job, DiffSynth, HttpStatusCode.Accepted);
        await _api.MakeExportsAsync();

        var failed = (await _api.ExportsAsync(job)).ShouldHaveSingleItem();
        failed.GetProperty("state").GetString().ShouldBe("failed");
        failed.GetProperty("problem").GetString()!.ShouldContain("both a video and a prompt");
    }

    [Fact]
    public async Task A_job_has_a_bounded_number_of_exports()
    {
        var job = await _api.DrawnAsync(DrawnJobs.FilesBody);
        await _api.DatasetAsync(job);
        for (var number = 0; number < 32; number++)
            await _api.PostExportAsync(job, $$"""{"profile": "musubi-tuner", "base_path": "/data/{{number}}"}""", HttpStatusCode.Accepted);

        var problem = await _api.PostExportAsync(job, """{"profile": "musubi-tuner", "base_path": "/data/32"}""", HttpStatusCode.Conflict);
        problem.GetProperty("detail").GetString()!.ShouldContain("the most it may have");
    }
}
