using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Parquet;
using VmDataset.ControlPlane.Tests.Reconciliation;
using VmDataset.Pipeline.Datasets;
using VmDataset.Pipeline.Deduplication;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;

namespace VmDataset.ControlPlane.Tests.Datasets;

/// <summary>Datasets of jobs that are too large for one worker to write in one go.</summary>
public sealed class PartedDatasetTests : IAsyncDisposable
{
    private const string TwoGenerators = """{"generators": ["beta", "alpha"], "samples": 130000, "seed": 7, "batch_size": 5000}""";
    private const string OneGenerator = """{"generators": ["beta"], "samples": 300000, "seed": 7, "batch_size": 5000}""";

    private readonly Api _api = new();

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Theory]
    [InlineData("")]
    [InlineData(""", "output_format": "webdataset" """)]
    public async Task Each_generator_has_tables_and_sums_of_its_own(string format)
    {
        var files = await WrittenAsync(await CancelledAsync(TwoGenerators[..^1] + format + "}", ("beta", 3), ("alpha", 4)));

        Tables(files).ShouldBe(["alpha/metadata.jsonl", "alpha/metadata.parquet", "beta/metadata.jsonl", "beta/metadata.parquet"]);
        Sums(files, "SHA256SUMS").Keys.Order(StringComparer.Ordinal)
            .ShouldBe([.. new[] { "README.md", "alpha/SHA256SUMS", "beta/SHA256SUMS", "croissant.json" }.Concat(Tables(files)).Order(StringComparer.Ordinal)]);
        var sums = new[] { "SHA256SUMS", "alpha/SHA256SUMS", "beta/SHA256SUMS" }.SelectMany(name => Sums(files, name)).ToDictionary(StringComparer.Ordinal);
        sums.Keys.Order(StringComparer.Ordinal).ShouldBe(files.Keys.Where(static name => name != "SHA256SUMS"));
        foreach (var (name, sum) in sums) sum.ShouldBe(DrawnJobs.Hex(files[name]), name);
        files.Text("README.md").ShouldContain("sha256sum -c --quiet SHA256SUMS */SHA256SUMS\n");
        files.Text("README.md").ShouldContain("- beta: 129,997, indices 3 to 129999\n");
    }

    [Fact]
    public async Task Rows_name_files_relative_to_their_table()
    {
        var files = await WrittenAsync(await CancelledAsync(TwoGenerators, ("beta", 3)));

        var rows = files.Rows("beta/metadata.jsonl");
        rows.Count.ShouldBe(3);
        foreach (var row in rows)
            foreach (var column in new[] { "file_name", "first_frame", "final_frame" }) files.ShouldContainKey("beta/" + row.GetProperty(column).GetString());
        files.Text("README.md").Split("---\n")[1].ShouldContain("""
              - "*/metadata.jsonl"
              - "*/*_task/*/ground_truth.mp4"
            """);
        var croissant = JsonElement.Parse(files["croissant.json"]);
        croissant.At("recordSet[0].field[0].source.fileSet.@id").GetString().ShouldBe("tables");
        croissant.At("distribution[0].includes").GetString().ShouldBe("*/metadata.parquet");
    }

    [Fact]
    public async Task A_generator_of_very_many_samples_has_numbered_parts()
    {
        var job = await CancelledAsync(OneGenerator);
        await _api.Store.DrawAsync(job, "beta", 249_998, 4);
        var files = await WrittenAsync(job);

        files.Rows("beta/metadata-00001-of-00002.jsonl").Select(static row => row.GetProperty("index").GetInt32()).ShouldBe([249_998, 249_999]);
        files.Rows("beta/metadata-00002-of-00002.jsonl").Select(static row => row.GetProperty("index").GetInt32()).ShouldBe([250_000, 250_001]);
        Sums(files, "beta/SHA256SUMS-00001-of-00002").Count.ShouldBe(8);
        await using var reader = await ParquetReader.CreateAsync(new MemoryStream(files["beta/metadata-00002-of-00002.parquet"]));
        using var group = reader.OpenRowGroupReader(0);
        group.RowCount.ShouldBe(2);
        files.Text("README.md").Split("---\n")[1].ShouldContain("data_files: \"*/metadata-*.parquet\"");
        files.Text("README.md").ShouldContain("| beta | version of beta |");
    }

    [Fact]
    public async Task A_download_names_every_file()
    {
        var job = await CancelledAsync(TwoGenerators, ("beta", 3), ("alpha", 1));
        var files = await WrittenAsync(job);

        List<string> listed = [];
        string? cursor = null;
        do
        {
            var page = await _api.GetAsync($"/v1/jobs/{job.Id}/download?limit=5" + (cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}"));
            listed.AddRange(page.GetProperty("items").EnumerateArray().Select(static item => item.GetProperty("path").GetString()!));
            cursor = page.TryGetProperty("next_cursor", out var next) ? next.GetString() : null;
        }
        while (cursor is not null);

        listed.Order(StringComparer.Ordinal).ShouldBe(files.Keys);
        var view = (await _api.GetAsync($"/v1/jobs/{job.Id}")).GetProperty("dataset");
        view.GetProperty("samples").GetInt32().ShouldBe(4);
        view.GetProperty("files").EnumerateArray().Select(static file => file.GetProperty("name").GetString()).ShouldBe(["croissant.json", "README.md", "SHA256SUMS"]);
    }

    [Fact]
    public async Task A_view_tells_how_many_parts_are_written_and_a_late_range_rewrites_its_part_alone()
    {
        var job = await CancelledAsync(TwoGenerators, ("beta", 3), ("alpha", 1));
        await WrittenAsync(job);
        var parts = _api.Services.GetRequiredService<DatasetStore>();
        var before = await PartsAsync(job);
        await _api.Store.DrawAsync(job, "alpha", 1, 2);

        var stale = (await _api.GetAsync($"/v1/jobs/{job.Id}")).GetProperty("dataset");
        stale.GetProperty("state").GetString().ShouldBe("writing");
        (stale.GetProperty("parts").GetInt32(), stale.GetProperty("parts_written").GetInt32()).ShouldBe((2, 1));
        _api.Time.Shift += TimeSpan.FromMinutes(5);
        (await _api.DatasetAsync(job)).GetProperty("samples").GetInt32().ShouldBe(6);

        var after = await PartsAsync(job);
        after.All[0].Key.ShouldBe(before.All[0].Key);
        after.All[1].Key.ShouldNotBe(before.All[1].Key);
        (await _api.Store.ListAsync($"jobs/{job.Id}/dataset/parts/").CountAsync()).ShouldBe(2);

        async Task<DatasetParts> PartsAsync(Job of) => await parts.PartsAsync(of,
            (await _api.Services.GetRequiredService<ProgressReader>().ReadAsync(of)).Done);
    }

    [Theory]
    [InlineData("files", 9)]
    // Tars in pieces are found by the names of manifests.
    [InlineData("webdataset", 10)]
    public async Task A_part_that_is_not_the_last_lists_its_own_generator_and_takes_few_LISTs(string format, int most)
    {
        var job = await CancelledAsync($"{TwoGenerators[..^1]}, \"output_format\": \"{format}\"}}", ("beta", 3), ("alpha", 1));
        var counting = new CountingStore(_api.Store);
        var services = new ServiceCollection().AddLogging().AddSingleton<IObjectStore>(counting).AddSingleton(TimeProvider.System).AddJobReading()
            .AddSingleton<KnownSamples>().AddSingleton<DatasetStore>().BuildServiceProvider();

        await services.WritePartAsync(job.Id, "beta-00001", events: 1);

        counting.Writes.Count(static key => key.Contains("/dataset/parts/beta-00001/", StringComparison.Ordinal)).ShouldBe(1);
        counting.Lists.ShouldNotContain(ObjectKeys.DonePrefix(job.Id));
        counting.Lists.ShouldNotContain(ObjectKeys.DonePrefix(job.Id, "alpha"));
        counting.Lists.Count.ShouldBeLessThanOrEqualTo(most);
    }

    /// <summary>A job that was cancelled when it had drawn a few samples of some generators.</summary>
    private async Task<Job> CancelledAsync(string body, params (string Generator, int Count)[] drawn)
    {
        var job = await _api.SubmitAsync(body);
        using var client = _api.Client();
        (await client.PostAsync(new Uri($"/v1/jobs/{job.Id}/cancel", UriKind.Relative), null)).EnsureSuccessStatusCode();
        foreach (var (generator, count) in drawn) await _api.Store.DrawAsync(job, generator, 0, count);
        return job;
    }

    private async Task<SortedDictionary<string, byte[]>> WrittenAsync(Job job)
    {
        _api.Time.Shift += TimeSpan.FromMinutes(1);
        await _api.DatasetAsync(job);
        return await _api.Store.FilesAsync(job);
    }

    private static IEnumerable<string> Tables(IReadOnlyDictionary<string, byte[]> files) =>
        files.Keys.Where(static name => Regex.IsMatch(name, @"metadata[^/]*\.(jsonl|parquet)$"));

    private static Dictionary<string, string> Sums(IReadOnlyDictionary<string, byte[]> files, string name) =>
        files.Text(name).TrimEnd('\n').Split('\n').Select(static line => line.Split("  ")).ToDictionary(static line => line[1], static line => line[0]);
}
