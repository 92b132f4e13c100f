using System.Net;
using System.Text.Json;
using Parquet;
using Parquet.Schema;
using VmDataset.ControlPlane.Tests.Datasets;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;

namespace VmDataset.ControlPlane.Tests.Jobs.Exports;

/// <summary>What exports say, by the rules of their readers. <c>tests/python/test_exports.py</c> reads real samples by them.</summary>
public sealed class ExportFileTests : IAsyncDisposable
{
    private readonly Api _api = new();

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task DiffSynth_finds_videos_below_the_dataset()
    {
        var files = await _api.ExportedAsync(DrawnJobs.FilesBody, """{"profile": "diffsynth"}""");

        var rows = files.Rows("exports/diffsynth/metadata.jsonl");
        rows.Count.ShouldBe(10);
        foreach (var row in rows) files.ShouldContainKey(row.GetProperty("video").GetString()!);
        rows[3].GetProperty("prompt").GetString().ShouldBe("Ziehe \"3\" – 谁?");
        // Python opens a text in the encoding of the machine's language.
        files["exports/diffsynth/metadata.jsonl"].ShouldAllBe(static letter => letter < 128);
    }

    [Fact]
    public async Task Musubi_tuner_finds_videos_below_the_base_path()
    {
        var files = await _api.ExportedAsync(DrawnJobs.FilesBody, """{"profile": "musubi-tuner", "base_path": "/data/a \"b\"/"}""");

        var folder = files.Keys.First(static name => name.EndsWith("dataset.toml", StringComparison.Ordinal))[..^"/dataset.toml".Length];
        files.Rows($"{folder}/videos.jsonl")[9].GetProperty("video_path").GetString().ShouldBe("/data/a \"b\"/beta/shape_task/shape_00000009/ground_truth.mp4");
        files.Text($"{folder}/dataset.toml").ShouldContain($"video_jsonl_file = \"/data/a \\u0022b\\u0022/{folder}/videos.jsonl\"\n");
    }

    [Fact]
    public async Task Finetrainers_has_one_line_a_prompt()
    {
        var job = await _api.DrawnAsync(DrawnJobs.FilesBody);
        var key = ObjectKeys.Done(job.Id, "beta", new SampleRange(0, 5));
        var manifest = (await _api.Store.GetJsonAsync<Manifest>(key))!;
        await _api.Store.PutJsonAsync(key, manifest with
        {
            Samples = [.. manifest.Samples.Select(static sample => sample.Index == 2 ? sample with { Prompt = " one\r\ntwo\u2028three\u0085four\n" } : sample)],
        });
        await _api.DatasetAsync(job);
        await _api.PostExportAsync(job, """{"profile": "finetrainers"}""", HttpStatusCode.Accepted);
        await _api.MakeExportsAsync();
        var files = await _api.Store.FilesAsync(job);

        var prompts = files.Text("exports/finetrainers/prompt.txt").TrimEnd('\n').Split('\n');
        prompts.Length.ShouldBe(10);
        prompts[2].ShouldBe("one  two three four");
        foreach (var video in files.Text("exports/finetrainers/videos.txt").TrimEnd('\n').Split('\n')) files.ShouldContainKey(video["../../".Length..]);
    }

    [Fact]
    public async Task Vbvr_rl_reads_a_table_beside_its_list()
    {
        // src/data/i2v_dataset.py of pufanyi/vbvr-rl at 252c2fff: data_path and root are relative to the list's folder.
        var files = await _api.ExportedAsync(DrawnJobs.FilesBody, """{"profile": "vbvr-rl"}""");

        var entry = JsonElement.Parse(files["exports/vbvr-rl/dataset.json"])[0];
        entry.GetProperty("root").GetString().ShouldBe("../..");
        var table = await TableAsync(files[$"exports/vbvr-rl/{entry.GetProperty("data_path").GetString()}"]);
        table.Keys.ShouldBe(["video", "prompt", "image"]);
        table["prompt"][3].ShouldBe("Ziehe \"3\" – 谁?");
        table["video"].Count.ShouldBe(10);
        foreach (var path in table["video"].Concat(table["image"])) files.ShouldContainKey(path);
    }

    [Fact]
    public async Task Vbvr_dataset_has_ten_columns_and_links_to_its_tars()
    {
        // scripts/precompute/vbvr_latents.py of pufanyi/vbvr-rl at 252c2fff opens tar_file by its name in one folder, and the paths in it.
        var files = await _api.ExportedAsync(DrawnJobs.TarsBody, """{"profile": "vbvr-dataset"}""");

        var table = await TableAsync(files["exports/vbvr-dataset/data/metadata.parquet"]);
        table.Keys.ShouldBe(["id", "generator", "task", "sample_id", "prompt", "metadata_json", "first_frame_path", "final_frame_path", "ground_truth_video_path", "tar_file"]);
        table["id"].ShouldBe(Enumerable.Range(0, 10).Select(static id => $"{id}"));
        (table["tar_file"][7], table["ground_truth_video_path"][7]).ShouldBe(("tars/beta-00000005-5.tar", "shape_00000007.ground_truth.mp4"));
        var links = files.Rows("exports/vbvr-dataset/links.jsonl");
        links.Select(static each => each.GetProperty("link").GetString()).ShouldBe(table["tar_file"].Distinct());
        foreach (var link in links) files.ShouldContainKey(link.GetProperty("target").GetString()!);
    }

    [Fact]
    public async Task An_export_of_a_split_has_its_samples_alone_and_says_so_in_its_name()
    {
        const string job = """{"generators": ["beta"], "samples": 60, "seed": 7, "batch_size": 20, "splits": {"train": 0.6, "test": 0.4}}""";
        var files = await _api.ExportedAsync(job, """{"profile": "musubi-tuner", "base_path": "/data/a", "split": "test"}""");

        var list = files.Keys.Single(static name => name.EndsWith("videos.jsonl", StringComparison.Ordinal));
        list.ShouldBe("exports/musubi-tuner_test-46d2cd93/videos.jsonl");
        files.Rows(list).Select(static row => row.GetProperty("video_path").GetString())
            .ShouldBe(files.Rows("metadata-test.jsonl").Select(static row => $"/data/a/{row.GetProperty("file_name").GetString()}"));
    }

    [Fact]
    public async Task Vbvr_dataset_links_each_tar_of_the_splits_once()
    {
        const string job = """
            {"generators": ["beta"], "samples": 60, "seed": 7, "batch_size": 5, "output_format": "webdataset",
             "splits": {"train": 0.6, "test": 0.4}}
            """;
        var files = await _api.ExportedAsync(job, """{"profile": "vbvr-dataset"}""");

        var links = files.Rows("exports/vbvr-dataset/links.jsonl").Select(static each => each.GetProperty("link").GetString()!).ToList();
        links.Select(static link => Path.GetFileName(link)).Order(StringComparer.Ordinal)
            .ShouldBe(files.Keys.Where(static name => name.EndsWith(".tar", StringComparison.Ordinal)).Select(static name => Path.GetFileName(name)));
        var table = await TableAsync(files["exports/vbvr-dataset/data/metadata.parquet"]);
        table["tar_file"].Distinct().ShouldBe(links);
    }

    private static async Task<Dictionary<string, List<string>>> TableAsync(byte[] content)
    {
        await using var reader = await ParquetReader.CreateAsync(new MemoryStream(content));
        using var group = reader.OpenRowGroupReader(0);
        reader.RowGroupCount.ShouldBe(1);
        Dictionary<string, List<string>> columns = [];
        foreach (var field in reader.Schema.DataFields) columns[field.Name] = await ColumnAsync(group, field, (int)group.RowCount);
        return columns;
    }

    private static async Task<List<string>> ColumnAsync(ParquetRowGroupReader group, DataField field, int count)
    {
        if (field.ClrType == typeof(long))
        {
            var numbers = new long[count];
            await group.ReadAsync<long>(field, numbers);
            return [.. numbers.Select(static number => $"{number}")];
        }

        var texts = new string?[count];
        await group.ReadAsync(field, texts.AsMemory());
        return [.. texts.Select(static text => text!)];
    }
}
