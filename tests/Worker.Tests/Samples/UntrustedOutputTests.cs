using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;
using VmDataset.Worker.Batches;
using VmDataset.Worker.Options;

namespace VmDataset.Worker.Tests.Samples;

/// <summary>Generators that leave, for one of 20 seeds, what nobody may open, follow or read to its end.</summary>
public sealed class UntrustedOutputTests
{
    // A worker that blocks for ever fails its test, not the whole run.
    private static readonly TimeSpan Enough = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData("fifo-generator", OutputFormat.Files, "x.txt: it is a FIFO; allowed: regular files")]
    [InlineData("fifo-generator", OutputFormat.WebDataset, "x.txt: it is a FIFO; allowed: regular files")]
    [InlineData("socket-generator", OutputFormat.Files, "x.sock: it is a socket; allowed: regular files")]
    [InlineData("odd-name-generator", OutputFormat.Files, "caf\\xe9.txt: its name is not UTF-8")]
    [InlineData("large-metadata-generator", OutputFormat.Files, "metadata.json: it has 100000")]
    [InlineData("large-picture-generator", OutputFormat.Files, "final_frame.png: its 20000000 x 1000 pixels are 20000001000 bytes; allowed: at most 268435456")]
    [InlineData("many-files-generator", OutputFormat.Files, "The sample has more than 1000 files, part")]
    [InlineData("deep-folders-generator", OutputFormat.Files, "d/d/d/d/d/d/d/d/d: it lies 9 folders deep; allowed: at most 8")]
    public async Task The_sample_fails_alone_and_its_siblings_are_published(string generator, OutputFormat format, string message)
    {
        await using var worker = new WorkerHarness();
        (await worker.ProcessAsync(WorkerHarness.Message(generator, 0, 20, format: format)).WaitAsync(Enough, TestContext.Current.CancellationToken))
            .ShouldBe(BatchOutcome.Acknowledge);
        await ShouldHaveFailedAsync(worker, generator, (3, message));
        // What takes long to remove is removed behind the worker's back.
        var draws = Path.Combine(worker.Get<WorkerOptions>().ScratchDir, "draws");
        await Eventually.BeTrueAsync(() => Task.FromResult(!Directory.Exists(draws) || !Directory.EnumerateFileSystemEntries(draws).Any()), TimeSpan.FromMinutes(3));
    }

    [Fact]
    public async Task The_target_of_a_link_is_neither_published_nor_moved_nor_changed()
    {
        using var folder = new TemporaryFolder();
        var foreign = Directory.CreateDirectory(folder.Combine("foreign_task", "foreign_0000")).FullName;
        await File.WriteAllBytesAsync(Path.Combine(foreign, "first_frame.png"), TestPng.Make(8, 8), TestContext.Current.CancellationToken);
        foreach (var (name, text) in new[] { ("prompt.txt", "Mine."), ("metadata.json", """{"task_id": "foreign_0000"}"""), ("secret.txt", "hidden") })
            await File.WriteAllTextAsync(Path.Combine(foreign, name), text, TestContext.Current.CancellationToken);
        var before = Describe(foreign);
        foreach (var part in new[] { "_shared/tiny_samples.py", "linking-generator/examples/generate.py" })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder.Combine("generators", part))!);
            File.Copy(Path.Combine(WorkerHarness.TestGenerators, part), folder.Combine("generators", part));
        }

        await File.WriteAllTextAsync(folder.Combine("generators", "linking-generator", "foreign.txt"), foreign, TestContext.Current.CancellationToken);
        // The sandbox would refuse the hard link already.
        await using var worker = new WorkerHarness(generators: folder.Combine("generators"), sandbox: SandboxMode.Off);
        // A hard link is made within one file system alone.
        await worker.ProcessAsync(WorkerHarness.Message("linking-generator", 0, 20)).WaitAsync(Enough, TestContext.Current.CancellationToken);

        Describe(foreign).ShouldBe(before);
        await ShouldHaveFailedAsync(worker, "linking-generator",
            (3, "linking_task/linking_0000: it is a link; allowed: folders"), (7, "linking_task: it is a link; allowed: folders"),
            (11, "secret.txt: it has 2 names (hard links); allowed: regular files of one name"));
    }

    private static async Task ShouldHaveFailedAsync(WorkerHarness worker, string generator, params (int Index, string Message)[] failures)
    {
        foreach (var (index, message) in failures)
        {
            var record = (await worker.Store.GetJsonAsync<FailureRecord>(ObjectKeys.Failed("job", generator, new SampleRange(index, 1)))).ShouldNotBeNull();
            (record.Kind, record.Message).ShouldSatisfyAllConditions(
                () => record.Kind.ShouldBe(FailureKind.InvalidOutput), () => record.Message.ShouldContain(message, Case.Sensitive));
        }

        var failed = RangeSet.Of(failures.Select(static failure => new SampleRange(failure.Index, 1)));
        (await worker.DoneAsync("job", generator)).ShouldBe(RangeSet.Of(new SampleRange(0, 20)).Subtract(failed));
    }

    private static string Describe(string folder) => string.Join('\n', Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal)
        .Select(static file => $"{Path.GetFileName(file)}: {Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file)))}"));
}
