using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Parquet;
using Parquet.Schema;
using VmDataset.Pipeline.Datasets;
using VmDataset.Pipeline.Parameters;
using VmDataset.Pipeline.Ranges;
using VmDataset.Worker.Datasets;

namespace VmDataset.ControlPlane.Tests.Datasets;

/// <summary>What the files about a dataset say, by the rules of those who read them.</summary>
public sealed class DatasetFileTests : IAsyncDisposable
{
    private static readonly string[] VideoNumbers = ["width", "height", "frames", "fps", "seconds", "first_frame_distance", "final_frame_distance"];
    private readonly Api _api = new();

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Theory]
    [InlineData(DrawnJobs.FilesBody)]
    [InlineData(DrawnJobs.TarsBody)]
    public async Task Every_file_has_its_sum_and_every_sample_its_row(string body)
    {
        var files = await WrittenAsync(body);

        var sums = files.Text("SHA256SUMS").TrimEnd('\n').Split('\n').Select(line => line.Split("  ")).ToDictionary(line => line[1], line => line[0]);
        sums.Keys.Order(StringComparer.Ordinal).ShouldBe(files.Keys.Where(name => name != "SHA256SUMS"));
        foreach (var (name, sum) in sums) sum.ShouldBe(DrawnJobs.Hex(files[name]), name);
        var rows = files.Rows();
        rows.Select(row => (row.GetProperty("generator").GetString(), row.GetProperty("index").GetInt32()))
            .ShouldBe(from generator in new[] { "beta", "alpha" } from index in Enumerable.Range(0, 10) select (generator, index));
        // A number that is not known is null, all else is always there.
        rows.Select(static row => Shape(row, without: VideoNumbers)).Distinct().ShouldHaveSingleItem();
        rows.Select(static row => string.Join(' ', row.EnumerateObject().Select(static each => each.Name))).Distinct().ShouldHaveSingleItem();
        rows[3].GetProperty("width").GetInt32().ShouldBe(512);
        (rows[3].GetProperty("fps").GetDouble(), rows[3].GetProperty("codec").GetString()).ShouldBe((16.5, "avc1"));
        (rows[3].GetProperty("first_frame_distance").ValueKind, rows[3].GetProperty("final_frame_distance").GetDouble()).ShouldBe((JsonValueKind.Null, 3.25));
        (rows[13].GetProperty("frames").ValueKind, rows[13].GetProperty("codec").GetString()).ShouldBe((JsonValueKind.Null, ""));
        rows[3].GetProperty("prompt").GetString().ShouldBe("Ziehe \"3\" – 谁?");
        rows[3].GetProperty("parameters").GetString().ShouldBe("""{"n":3}""");
        rows.Skip(5).Take(3).Concat([rows[13]]).Select(static row => row.GetProperty("difficulty").GetString()).ShouldBe(["hard", "2.5", "", ""]);
        rows[13].GetProperty("prompt").GetString().ShouldBe("");
    }

    [Fact]
    public async Task The_rows_lead_videofolder_to_the_videos_and_nowhere_else()
    {
        var files = await WrittenAsync(DrawnJobs.FilesBody);

        // It opens what file_name and any *_file_name or *_file_names names, relative to the metadata; an empty one is no video.
        foreach (var row in files.Rows())
        {
            var opened = row.EnumerateObject().Where(each => Regex.IsMatch(each.Name, "(^|_)file_names?$")).ToList();
            opened.ShouldHaveSingleItem().Name.ShouldBe("file_name");
            var path = opened[0].Value.GetString()!;
            if (row.GetProperty("generator").GetString() == "alpha") path.ShouldBeEmpty();
            else files.ShouldContainKey(path);
            files.ShouldContainKey(row.GetProperty("first_frame").GetString()!);
        }

        // Of metadata.jsonl and metadata.parquet it takes one: two kinds together are refused.
        var patterns = Regex.Matches(files.Text("README.md").Split("---\n")[1], "^  - \"(.*)\"$", RegexOptions.Multiline).Select(match => match.Groups[1].Value).ToList();
        var taken = files.Keys.Where(name => patterns.Exists(pattern => Regex.IsMatch(name, $"^{Regex.Escape(pattern).Replace("\\*", "[^/]*", StringComparison.Ordinal)}$"))).ToList();
        taken.ShouldBe([.. Enumerable.Range(0, 10).Select(index => $"beta/shape_task/shape_{index:D8}/ground_truth.mp4"), "metadata.jsonl"]);
    }

    [Fact]
    public async Task The_rows_name_shard_and_key_of_what_lies_in_tars()
    {
        var files = await WrittenAsync(DrawnJobs.TarsBody);

        var row = files.Rows()[7];
        row.TryGetProperty("file_name", out _).ShouldBeFalse();
        row.GetProperty("shard").GetString().ShouldBe("beta/beta-00000005-5.tar");
        row.GetProperty("key").GetString().ShouldBe("shape_00000007");
        row.GetProperty("video").GetString().ShouldBe("shape_00000007.ground_truth.mp4");
        files.Text("README.md").ShouldContain("configs:\n- config_name: \"beta\"\n  data_files: \"beta/*.tar\"\n- config_name: \"alpha\"\n  data_files: \"alpha/*.tar\"\n---\n");
        files.Text("README.md").ShouldContain("\"batch_size\":5");
    }

    [Fact]
    public async Task The_table_holds_the_same_rows()
    {
        var files = await WrittenAsync(DrawnJobs.FilesBody);
        var rows = files.Rows();

        await using var reader = await ParquetReader.CreateAsync(new MemoryStream(files["metadata.parquet"]));
        using var group = reader.OpenRowGroupReader(0);
        reader.RowGroupCount.ShouldBe(1);
        reader.Schema.DataFields.Select(field => field.Name).ShouldBe(rows[0].EnumerateObject().Select(each => each.Name));
        foreach (var field in reader.Schema.DataFields)
        {
            field.IsNullable.ShouldBe(VideoNumbers.Contains(field.Name), field.Name);
            (await ColumnAsync(group, field, rows.Count)).ShouldBe(rows.Select(row => row.GetProperty(field.Name).ToString()), field.Name);
        }
    }

    [Fact]
    public async Task The_description_refers_to_what_is_there()
    {
        var files = await WrittenAsync(DrawnJobs.FilesBody);
        var croissant = JsonElement.Parse(files["croissant.json"]);

        croissant.GetProperty("conformsTo").GetString().ShouldBe("http://mlcommons.org/croissant/1.0");
        foreach (var required in new[] { "@context", "@type", "name", "description", "distribution", "recordSet" }) croissant.TryGetProperty(required, out _).ShouldBeTrue(required);
        List<string> ids = [];
        foreach (var resource in croissant.GetProperty("distribution").EnumerateArray())
        {
            ids.Add(resource.GetProperty("@id").GetString()!);
            resource.GetProperty("encodingFormat").GetString().ShouldNotBeNullOrEmpty();
            if (resource.GetProperty("@type").GetString() == "cr:FileObject")
                resource.GetProperty("sha256").GetString().ShouldBe(DrawnJobs.Hex(files[resource.GetProperty("contentUrl").GetString()!]));
            else
                resource.GetProperty("includes").GetString().ShouldNotBeNullOrEmpty();
        }

        var columns = files.Rows()[0].EnumerateObject().Select(each => each.Name);
        var fields = croissant.At("recordSet[0].field").EnumerateArray().ToList();
        fields.Select(field => field.At("source.extract.column").GetString()).ShouldBe(columns);
        fields.Select(field => field.At("source.fileObject.@id").GetString()).Distinct().ShouldBe(["metadata.parquet"]);
        ids.AddRange(fields.Select(field => field.GetProperty("@id").GetString()!));
        ids.Distinct().Count().ShouldBe(ids.Count);
        croissant.At("recordSet[0].key").EnumerateArray().Select(key => key.GetProperty("@id").GetString()!).ShouldBeSubsetOf(ids);
    }

    [Fact]
    public async Task The_card_tells_how_to_make_it_again()
    {
        var files = await WrittenAsync(DrawnJobs.FilesBody);
        var card = files.Text("README.md");

        var body = Regex.Match(card, "-d '(.*)'").Groups[1].Value;
        var again = await _api.SubmitAsync(body);
        (again.Seed, again.Samples, again.StartIndex, again.OutputFormat).ShouldBe((7, 10, 0, Pipeline.Jobs.OutputFormat.Files));
        card.ShouldContain("n<1K");
        card.ShouldContain("Nothing: every sample that was to be drawn is there.");
        body.ShouldNotContain("batch_size");
    }

    [Fact]
    public async Task The_card_tells_trainers_and_a_hub_of_the_dataset()
    {
        var card = (await WrittenAsync(DrawnJobs.FilesBody)).Text("README.md");

        card.ShouldContain("| diffsynth | `accelerate launch examples/wanvideo/model_training/train.py --dataset_base_path . --dataset_metadata_path ./exports/diffsynth/metadata.jsonl ");
        card.ShouldContain("| webdataset | `webdataset.WebDataset(sorted(glob.glob('./exports/webdataset/*.tar')), shardshuffle=100).shuffle(1000).decode()` |\n");
        card.ShouldNotContain("vbvr-dataset");
        card.ShouldContain("\nhf upload-large-folder USER/NAME . --repo-type dataset\n");
        card.ShouldNotContain("recommends");
    }

    [Theory]
    [InlineData(10_001, 60_000)]
    [InlineData(1_000, 100_001)]
    public async Task The_card_of_what_a_hub_would_refuse_names_the_way_out(long samples, long files)
    {
        var job = await _api.SubmitAsync(DrawnJobs.FilesBody);
        var part = new GeneratorPart
        {
            Generator = "beta",
            Samples = samples,
            Files = files,
            Bytes = 1,
            Videos = 0,
            Versions = [],
            Commits = [],
            Domains = ["shape"],
            VideoExtensions = [],
            Indices = [],
        };

        var card = DatasetCard.Of(new DatasetFacts(job, [new GeneratorFacts(job.Generators[0], RangeSet.Empty, [part])]));

        card.ShouldContain(string.Create(CultureInfo.InvariantCulture, $"has {files:N0} files and up to {samples:N0} entries in a folder."));
        card.ShouldContain("\"output_format\": \"webdataset\"");
    }

    [Fact]
    public async Task Special_characters_in_parameters_break_neither_the_cards_command_nor_its_table()
    {
        ParameterSet.TryRead(JsonElement.Parse("""{"label": "it's `x` | y; touch PWNED"}"""), out var set, out _).ShouldBeTrue();
        var job = await _api.SubmitAsync(DrawnJobs.FilesBody);
        job = job with { Generators = [.. job.Generators.Select(generator => generator with { Parameters = set })] };

        var card = DatasetCard.Of(new DatasetFacts(job, [.. job.Generators.Select(static generator => new GeneratorFacts(generator, RangeSet.Empty, []))]));

        var command = card.Split('\n').Where(static line => line.StartsWith("curl", StringComparison.Ordinal)).ShouldHaveSingleItem();
        command.Count(static letter => letter == '\'').ShouldBe(4);
        JsonElement.Parse(command[(command.IndexOf("-d '", StringComparison.Ordinal) + 4)..^1]).At("generators[0].parameters").GetRawText().ShouldContain("\\u0027s");
        card.Split('\n').First(static line => line.StartsWith("| beta ", StringComparison.Ordinal)).Count(static letter => letter is '`' or '|').ShouldBe(12);
    }

    private async Task<SortedDictionary<string, byte[]>> WrittenAsync(string body)
    {
        var job = await _api.DrawnAsync(body);
        await _api.DatasetAsync(job);
        return await _api.Store.FilesAsync(job);
    }

    private static string Shape(JsonElement row, string[] without) => string.Join(' ', row.EnumerateObject().Where(each => !without.Contains(each.Name)).Select(each => $"{each.Name}:{each.Value.ValueKind}"));

    private static async Task<IEnumerable<string>> ColumnAsync(ParquetRowGroupReader group, DataField field, int count)
    {
        if (field.ClrType == typeof(long) && field.IsNullable)
        {
            var numbers = new long?[count];
            await group.ReadAsync<long>(field, numbers);
            return numbers.Select(static number => $"{number}");
        }

        if (field.ClrType == typeof(long))
        {
            var numbers = new long[count];
            await group.ReadAsync<long>(field, numbers);
            return numbers.Select(number => $"{number}");
        }

        if (field.ClrType == typeof(double))
        {
            var numbers = new double?[count];
            await group.ReadAsync<double>(field, numbers);
            return numbers.Select(static number => number is { } known ? FormattableString.Invariant($"{known}") : "");
        }

        var texts = new string?[count];
        await group.ReadAsync(field, texts.AsMemory());
        return texts.Select(text => text!);
    }
}
