using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using VmDataset.Pipeline.Jobs;

namespace VmDataset.ControlPlane.Tests.Datasets;

/// <summary>Datasets whose samples are parted into splits.</summary>
public sealed class SplitDatasetTests : IAsyncDisposable
{
    private const string Splits = "\"splits\": {\"train\": 0.9, \"validation\": 0.05, \"test\": 0.05}";

    private readonly Api _api = new();

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task Splits_are_disjoint_and_of_their_size_and_neither_more_samples_nor_another_batch_size_move_any()
    {
        var (files, first) = await WrittenAsync(Body(2000, 0, 200), 200);
        var (_, second) = await WrittenAsync(Body(700, 0, 50), 50);
        var (_, further) = await WrittenAsync(Body(300, 700, 100), 100);

        first.Count.ShouldBe(2000);
        foreach (var (name, share) in new[] { ("train", 0.9), ("validation", 0.05), ("test", 0.05) })
            (first.Values.Count(split => split == name) / 2000.0).ShouldBe(share, 0.01, name);
        foreach (var (print, split) in second.Concat(further)) split.ShouldBe(first[print]);
        files.Keys.ShouldNotContain("metadata.jsonl");
        files.Text("README.md").ShouldContain($"| train | 0.9 | {first.Values.Count(static split => split == "train"):N0} |");
        JsonElement.Parse(files["croissant.json"]).At("recordSet[0].dataType").GetString().ShouldBe("cr:Split");
    }

    [Fact]
    public async Task A_generator_that_is_held_out_lies_in_its_split_whole_and_the_card_leads_there()
    {
        var body = $"{DrawnJobs.FilesBody[..^1]}, {Splits}, \"holdout\": [\"beta\"], \"holdout_split\": \"elsewhere\"}}";
        var job = await _api.DrawnAsync(body);
        await _api.DatasetAsync(job);
        var files = await _api.Store.FilesAsync(job);

        files.Rows("metadata-elsewhere.jsonl").Select(static row => row.GetProperty("generator").GetString()).ShouldBe(Enumerable.Repeat("beta", 10));
        var head = files.Text("README.md").Split("---\n")[1];
        head.ShouldContain("  - split: \"elsewhere\"\n    path:\n    - \"metadata-elsewhere.jsonl\"\n    - \"*/*_task/*/ground_truth.mp4\"\n");
        head.ShouldContain("  metadata_filenames:\n");
        // Every table that the card names is there, and the other way round.
        Regex.Matches(head, "^    - \"(metadata-.*)\"$", RegexOptions.Multiline).Select(static match => match.Groups[1].Value).Order()
            .ShouldBe(files.Keys.Where(static name => name.EndsWith(".jsonl", StringComparison.Ordinal)).Order());
        files.Text("SHA256SUMS").ShouldContain("  metadata-elsewhere.parquet\n");
        var spec = (await _api.GetAsync($"/v1/jobs/{job.Id}")).GetProperty("spec");
        spec.GetProperty("splits").GetRawText().ShouldBe("{\"train\":0.9,\"validation\":0.05,\"test\":0.05}");
        spec.GetProperty("holdout_split").GetString().ShouldBe("elsewhere");
        (await _api.PostJobAsync(spec.GetRawText())).GetProperty("spec").GetRawText().ShouldBe(spec.GetRawText());
    }

    [Fact]
    public async Task A_reader_after_the_source_of_datasets_loads_each_split_from_the_card()
    {
        var job = await _api.DrawnAsync($"{{\"generators\": [\"beta\", \"alpha\"], \"samples\": 60, \"seed\": 7, \"batch_size\": 20, {Splits}}}", 20);
        await _api.DatasetAsync(job);
        var files = await _api.Store.FilesAsync(job);

        var loaded = await ReadAsync(Path.Combine(_api.DataDir, "store", "jobs", job.Id, "data"));

        var splits = loaded.EnumerateObject().Select(static each => each.Name).ToList();
        splits.ShouldBe(job.SplitNames().Where(split => files.ContainsKey($"metadata-{split}.jsonl")));
        foreach (var split in splits)
            loaded.GetProperty(split).EnumerateArray().Select(static print => print.GetString())
                .ShouldBe(files.Rows($"metadata-{split}.jsonl").Select(static row => row.GetProperty("fingerprint").GetString()));
        splits.Sum(split => loaded.GetProperty(split).GetArrayLength()).ShouldBe(120);
    }

    [Theory]
    [InlineData("\"splits\": []", "splits is an array; allowed: an object of 1 to 10 splits")]
    [InlineData("\"splits\": {\"train\": 0.5}", "sum to 0.5; allowed")]
    [InlineData("\"splits\": {\"train\": 1, \"test\": 0}", "splits.test is 0; allowed: a number above 0")]
    [InlineData("\"splits\": {\"tr-ain\": 1}", "allowed: 1 to 40 ASCII letters")]
    [InlineData("\"splits\": {\"all\": 1}", "allowed: 1 to 40 ASCII letters")]
    [InlineData("\"splits\": {\"train\": 0.5, \"Train\": 0.5}", "more than once")]
    [InlineData("\"holdout\": [\"alpha\"]", "holdout is there without splits")]
    [InlineData("\"splits\": {\"train\": 1}, \"holdout\": [\"gamma\"]", "holdout[0] is \"gamma\"; allowed: one of the job's generators")]
    [InlineData("\"splits\": {\"train\": 1}, \"holdout_split\": \"test\"", "holdout_split is there without holdout")]
    public async Task A_wrong_splitting_is_refused_with_what_is_allowed(string fields, string message) =>
        (await _api.PostJobAsync($"{{\"generators\": [\"alpha\"], \"samples\": 10, {fields}}}", System.Net.HttpStatusCode.BadRequest))
            .GetRawText().Replace("\\u0022", "\"", StringComparison.Ordinal).Replace("\\\"", "\"", StringComparison.Ordinal).ShouldContain(message);

    [Fact]
    public async Task A_job_whose_seeds_overlap_an_earlier_jobs_names_it_and_one_beside_them_does_not()
    {
        var first = await _api.PostJobAsync("""{"generators": ["alpha"], "samples": 100, "seed": 42}""");
        var next = await _api.PostJobAsync("""{"generators": ["alpha"], "samples": 100, "seed": 43}""");
        var further = await _api.PostJobAsync("""{"generators": ["alpha"], "samples": 100, "seed": 42, "start_index": 200}""");
        var other = await _api.PostJobAsync("""{"generators": ["beta"], "samples": 100, "seed": 43}""");

        first.TryGetProperty("warnings", out _).ShouldBeFalse();
        var warning = next.GetProperty("warnings").EnumerateArray().ShouldHaveSingleItem().GetString()!;
        warning.ShouldContain(first.GetProperty("id").GetString()!);
        warning.ShouldContain("99 of the 100 samples of alpha");
        warning.ShouldContain("a seed of 142 or more");
        further.TryGetProperty("warnings", out _).ShouldBeFalse();
        other.TryGetProperty("warnings", out _).ShouldBeFalse();
    }

    private static async Task<JsonElement> ReadAsync(string folder, [CallerFilePath] string file = "")
    {
        var reader = Path.Combine(Path.GetDirectoryName(file)!, "..", "..", "python", "datasets_reader.py");
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("PYTHON") ?? "python3", ["-B", reader, folder])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var python = Process.Start(start)!;
        var errors = python.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await python.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await python.WaitForExitAsync(TestContext.Current.CancellationToken);
        python.ExitCode.ShouldBe(0, await errors);
        return JsonElement.Parse(output);
    }

    private static string Body(int samples, int start, int batch) =>
        $"{{\"generators\": [\"alpha\"], \"samples\": {samples}, \"start_index\": {start}, \"seed\": 7, \"batch_size\": {batch}, {Splits}}}";

    private async Task<(SortedDictionary<string, byte[]> Files, Dictionary<string, string> Splits)> WrittenAsync(string body, int size)
    {
        var job = await _api.DrawnAsync(body, size);
        await _api.DatasetAsync(job);
        var files = await _api.Store.FilesAsync(job);
        Dictionary<string, string> splits = new(StringComparer.Ordinal);
        foreach (var split in job.SplitNames().Where(split => files.ContainsKey($"metadata-{split}.jsonl")))
        {
            foreach (var row in files.Rows($"metadata-{split}.jsonl"))
            {
                row.GetProperty("split").GetString().ShouldBe(split);
                splits.Add(row.GetProperty("fingerprint").GetString()!, split);
            }
        }

        return (files, splits);
    }
}
