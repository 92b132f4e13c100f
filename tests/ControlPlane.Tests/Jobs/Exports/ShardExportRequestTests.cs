using System.Net;
using VmDataset.ControlPlane.Tests.Datasets;

namespace VmDataset.ControlPlane.Tests.Jobs.Exports;

/// <summary>Requests for exports that copy samples into shards, and what is told of them.</summary>
public sealed class ShardExportRequestTests : IAsyncDisposable
{
    private readonly Api _api = new();

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Theory]
    [InlineData(DrawnJobs.FilesBody, "webdataset", 20, 0)]
    [InlineData(DrawnJobs.FilesBody, "mds", 10, 10)]
    public async Task An_export_in_shards_is_made_by_two_messages_and_listed_with_its_options(string body, string profile, int samples, int skipped)
    {
        var job = await _api.DrawnAsync(body);
        await _api.DatasetAsync(job);

        var asked = await _api.PostExportAsync(job, $$"""{"profile": "{{profile}}", "shards": "by_generator", "shard_bytes": 65536, "seed": 3}""", HttpStatusCode.Accepted);
        asked.GetProperty("state").GetString().ShouldBe("pending");
        // The plan, and the one part of so small an export.
        (await _api.MakeExportsAsync()).ShouldBe(2);

        var made = (await _api.ExportsAsync(job)).ShouldHaveSingleItem();
        made.GetProperty("state").GetString().ShouldBe("ready", made.GetRawText());
        made.GetProperty("id").GetString().ShouldStartWith($"{profile}-");
        (made.GetProperty("samples").GetInt32(), made.GetProperty("skipped").GetInt32()).ShouldBe((samples, skipped));
        (made.GetProperty("shards").GetString(), made.GetProperty("shard_bytes").GetInt64(), made.GetProperty("seed").GetInt32()).ShouldBe(("by_generator", 65_536L, 3));
        var files = await _api.Store.FilesAsync(job);
        foreach (var file in made.GetProperty("files").EnumerateArray())
            DrawnJobs.Hex(files[file.GetProperty("path").GetString()!]).ShouldBe(file.GetProperty("sha256").GetString());
    }

    [Theory]
    [InlineData("""{"profile": "webdataset"}""", "webdataset", "webdataset.WebDataset(sorted(glob.glob('FOLDER/exports/webdataset/SPLIT-*.tar')), shardshuffle=100).shuffle(1000).decode()")]
    [InlineData("""{"profile": "webdataset", "shards": "mixed", "shard_bytes": 268435456, "seed": 0, "split": "test"}""", "webdataset_test", "webdataset.WebDataset(sorted(glob.glob('FOLDER/exports/webdataset_test/test-*.tar')), shardshuffle=100).shuffle(1000).decode()")]
    [InlineData("""{"profile": "mds"}""", "mds", "streaming.StreamingDataset(local='FOLDER/exports/mds/SPLIT', shuffle=True, batch_size=8)")]
    [InlineData("""{"profile": "mds", "shards": "by_generator", "split": "test"}""", "mds_test-1c2a5bf7", "streaming.StreamingDataset(local='FOLDER/exports/mds_test-1c2a5bf7/test/GENERATOR', shuffle=True, batch_size=8)")]
    public async Task Default_options_need_no_mark_in_the_name_and_usage_names_what_a_reader_takes_together(string body, string id, string usage)
    {
        var job = await _api.DrawnAsync("""{"generators": ["beta"], "samples": 10, "seed": 7, "batch_size": 5, "splits": {"train": 0.5, "test": 0.5}}""");
        await _api.DatasetAsync(job);

        var asked = await _api.PostExportAsync(job, body, HttpStatusCode.Accepted);

        asked.GetProperty("id").GetString().ShouldBe(id);
        asked.GetProperty("usage").GetString().ShouldBe(usage);
    }

    [Fact]
    public async Task A_download_of_the_dataset_leaves_copies_of_its_samples_out()
    {
        var job = await _api.DrawnAsync(DrawnJobs.FilesBody);
        await _api.DatasetAsync(job);
        await _api.PostExportAsync(job, """{"profile": "webdataset"}""", HttpStatusCode.Accepted);
        await _api.PostExportAsync(job, """{"profile": "finetrainers"}""", HttpStatusCode.Accepted);
        await _api.MakeExportsAsync();

        var paths = (await _api.GetAsync($"/v1/jobs/{job.Id}/download")).GetProperty("items").EnumerateArray().Select(static each => each.GetProperty("path").GetString()!).ToList();
        paths.ShouldContain("exports/finetrainers/videos.txt");
        paths.ShouldNotContain(static path => path.StartsWith("exports/webdataset", StringComparison.Ordinal));
    }
}
