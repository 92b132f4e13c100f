using System.Security.Cryptography;
using System.Text;
using VmDataset.Pipeline.Jobs;
using VmDataset.Worker.Samples;

namespace VmDataset.Worker.Tests.Samples;

public sealed class SampleOutputReaderTests : IDisposable
{
    private readonly TemporaryFolder _work = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _work.Dispose();

    [Fact]
    public async Task The_reader_reads_a_sample_and_describes_its_files()
    {
        WriteValid();
        await WriteAsync("extra.json", "{}");
        var sample = await ReadAsync(index: 42);
        sample.Domain.ShouldBe("chess");
        sample.Record.Index.ShouldBe(42);
        sample.Record.Seed.ShouldBe(1042);
        sample.Record.Files.Select(static file => file.Name).ShouldBe(["extra.json", "first_frame.png", "prompt.txt"]);
        var prompt = sample.Record.Files.Single(static file => file.Name == "prompt.txt");
        prompt.Bytes.ShouldBe(10);
        prompt.Sha256.ShouldBe(Convert.ToHexStringLower(SHA256.HashData("Mate in 1."u8)));
    }

    [Theory]
    [InlineData("""{"task_id": "chess_0000", "timestamp": "now", "parameters": { "fen": "8/8", "n": 1.50 }, "generation": {"seed": 1}}""", """{"fen":"8/8","n":1.50}""")]
    [InlineData("""{"task_id": "chess_0000", "domain": "chess", "difficulty": "hard", "moves": [1, 2]}""", """{"difficulty":"hard","moves":[1,2]}""")]
    [InlineData("""{"task_id": "chess_0000", "parameters": {"x": NaN}}""", null)]
    [InlineData("""{"task_id": "chess_0000"}""", null)]
    [InlineData("[1]", null)]
    [InlineData("nothing", null)]
    public async Task A_record_contains_the_prompt_and_the_parameters_of_its_sample(string metadata, string? parameters)
    {
        WriteValid();
        await WriteAsync("metadata.json", metadata);
        var record = (await ReadAsync()).Record;
        (record.Prompt, record.Parameters).ShouldBe(("Mate in 1.", parameters));
    }

    [Fact]
    public async Task A_prompt_of_some_thousand_letters_is_not_cut()
    {
        WriteValid();
        await WriteAsync("prompt.txt", new string('p', 6_467));
        (await ReadAsync()).Record.Prompt.ShouldBe(new string('p', 6_467));
    }

    [Fact]
    public async Task The_prompt_and_the_parameters_in_a_record_are_bounded()
    {
        WriteValid();
        await WriteAsync("prompt.txt", string.Concat(Enumerable.Repeat("😀", 9_000)));
        await WriteAsync("metadata.json", "{\"parameters\": {\"grid\": \"" + new string('x', 9_000) + "\"}}");
        var record = (await ReadAsync()).Record;
        record.Prompt!.Length.ShouldBeInRange(16_374, 16_384);
        Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(record.Prompt)).ShouldBe(record.Prompt, "no half letter is left");
        record.Parameters.ShouldBeNull();
    }

    [Fact]
    public async Task The_fingerprint_is_that_of_the_content_and_not_of_the_metadata()
    {
        WriteValid();
        await WriteAsync("metadata.json", """{"timestamp": "now"}""");
        var first = (await ReadAsync()).Record;
        var lines = string.Concat(first.Files.Where(static file => file.Name != "metadata.json").Select(static file => $"{file.Sha256}  {file.Name}\n"));
        first.Fingerprint.ShouldBe(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(lines))));
        await WriteAsync("metadata.json", """{"timestamp": "later"}""");
        (await ReadAsync()).Record.Fingerprint.ShouldBe(first.Fingerprint);
        await WriteAsync("prompt.txt", "Another puzzle.");
        (await ReadAsync()).Record.Fingerprint.ShouldNotBe(first.Fingerprint);
    }

    [Theory]
    [InlineData("""{"task_id": "chess_0000", "n": 1.50, "x": NaN}""", """{"task_id": "chess_00000042", "n": 1.50, "x": NaN}""")]
    [InlineData("""{"task_id":"chess_00000000","frames":["chess_0000"]}""", """{"task_id":"chess_00000042","frames":["chess_00000042"]}""")]
    [InlineData("""{"id": "other", "note": "about chess_0000"}""", """{"id": "other", "note": "about chess_0000"}""")]
    public async Task The_sample_is_renamed_in_its_metadata(string before, string after)
    {
        WriteValid();
        await WriteAsync("metadata.json", before);
        var sample = await ReadAsync(index: 42);
        (await File.ReadAllTextAsync(Path.Combine(sample.Folder, "metadata.json"), Token)).ShouldBe(after);
    }

    [Fact]
    public async Task No_sample_and_several_are_told_apart_from_a_bad_one()
    {
        Directory.CreateDirectory(_work.Combine("out"));
        (await FailAsync()).ShouldBe((FailureKind.NoOutput, "The generator ended well but wrote no <domain>_task/<domain>_<number>/ folder."));
        WriteValid();
        Directory.CreateDirectory(_work.Combine("out", "chess_task", "chess_0001"));
        (await FailAsync()).ShouldBe((FailureKind.NoOutput, "The generator was asked for 1 sample and wrote 2."));
    }

    [Fact]
    public async Task The_seed_selects_one_of_several_tasks_in_one_draw()
    {
        WriteTask("even_task", "even_0000");
        WriteTask("odd_task", "sample_00000000");
        List<string> domains = [];
        for (var index = 0; index < 4; index++) domains.Add((await ReadAsync(index)).Domain);
        domains.ShouldBe(["even", "odd", "even", "odd"]);

        WriteTask("odd_task", "sample_00000001");
        (await FailAsync()).ShouldBe((FailureKind.NoOutput, "The generator was asked for 1 sample and wrote 2 into odd_task."));
    }

    [Theory]
    [InlineData("chess_data-generator/chess_task")]
    [InlineData("data/questions/chess_task")]
    public async Task The_task_may_lie_deeper(string path)
    {
        WriteTask(path, "chess_00000000");
        var sample = await ReadAsync();
        sample.Domain.ShouldBe("chess");
        sample.Folder.ShouldBe(_work.Combine("out", path, "chess_00000000"));
    }

    [Fact]
    public async Task Additional_files_of_a_generator_are_kept()
    {
        WriteValid();
        await WriteAsync("notes.txt", "");
        await WriteAsync("final_frame.jpg", "not looked at");
        (await ReadAsync()).Record.Files.Select(static file => file.Name).ShouldBe(["final_frame.jpg", "first_frame.png", "notes.txt", "prompt.txt"]);
        await WriteAsync("first_video.mp4", "no video");
        await ShouldBeInvalidAsync("first_video.mp4: ");
        File.Delete(PathOf("first_video.mp4"));
        File.Move(PathOf("first_frame.png"), PathOf("first_frame.jpg"));
        await ShouldBeInvalidAsync("first_frame.png is missing, there is first_frame.jpg; allowed: first_frame.png in that format.");
    }

    [Fact]
    public async Task Each_defect_names_its_file()
    {
        WriteValid();
        File.Delete(PathOf("first_frame.png"));
        await ShouldBeInvalidAsync("first_frame.png is missing.");
        await File.WriteAllBytesAsync(PathOf("first_frame.png"), TestPng.Make(8, 8)[..60], Token);
        await ShouldBeInvalidAsync("first_frame.png: its end is missing: it was cut off.");

        WriteValid();
        await WriteAsync("prompt.txt", " \n");
        await ShouldBeInvalidAsync("prompt.txt: it is empty.");
        await File.WriteAllBytesAsync(PathOf("prompt.txt"), [0xC3, 0x28], Token);
        await ShouldBeInvalidAsync("prompt.txt: it is not UTF-8.");

        WriteValid();
        await WriteAsync("ground_truth.mp4", "");
        await ShouldBeInvalidAsync("ground_truth.mp4: it is empty.");
        await WriteAsync("ground_truth.mp4", "not a video at all");
        await ShouldBeInvalidAsync("ground_truth.mp4: a box is cut off.");
        File.Delete(PathOf("ground_truth.mp4"));

        await File.WriteAllBytesAsync(PathOf("big.bin"), new byte[200_000], Token);
        await ShouldBeInvalidAsync("bytes; allowed: at most 100000.");
    }

    [Fact]
    public async Task A_link_is_not_published()
    {
        WriteValid();
        File.CreateSymbolicLink(PathOf("final_frame.png"), "/etc/hostname");
        await ShouldBeInvalidAsync("final_frame.png: it is a link; allowed: regular files of one name.");
    }

    [Fact]
    public async Task Two_files_with_the_same_name_in_a_tar_are_refused()
    {
        WriteValid();
        Directory.CreateDirectory(PathOf("extra"));
        await WriteAsync("extra/a.txt", "1");
        await WriteAsync("extra.a.txt", "2");
        await ShouldBeInvalidAsync("extra.a.txt and extra/a.txt would be one member of a tar");
    }

    private string PathOf(string file) => _work.Combine("out", "chess_task", "chess_0000", file);

    private void WriteValid()
    {
        Directory.CreateDirectory(_work.Combine("out", "chess_task", "chess_0000"));
        File.WriteAllBytes(PathOf("first_frame.png"), TestPng.Make(8, 8));
        File.WriteAllText(PathOf("prompt.txt"), "Mate in 1.");
    }

    private void WriteTask(string task, string sample)
    {
        var folder = Directory.CreateDirectory(_work.Combine("out", task, sample)).FullName;
        File.WriteAllBytes(Path.Combine(folder, "first_frame.png"), TestPng.Make(8, 8));
        File.WriteAllText(Path.Combine(folder, "prompt.txt"), "Mate in 1.");
    }

    private Task WriteAsync(string file, string text) => File.WriteAllTextAsync(PathOf(file), text, Token);

    private Task<Sample> ReadAsync(int index = 0) =>
        new SampleOutputReader(maxBytes: 100_000).ReadAsync(_work.Combine("out"), _work.Path, index, 1000 + index, 0.1, Token);

    private async Task<(FailureKind, string)> FailAsync()
    {
        var failure = await Should.ThrowAsync<InvalidSampleException>(() => ReadAsync());
        return (failure.Kind, failure.Message);
    }

    private async Task ShouldBeInvalidAsync(string expected)
    {
        var (kind, message) = await FailAsync();
        kind.ShouldBe(FailureKind.InvalidOutput);
        message.ShouldContain(expected);
    }
}
