using VmDataset.Pipeline.Generators;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;
using VmDataset.Pipeline.Videos;

namespace VmDataset.Worker.Tests.Batches;

public sealed class ConformedVideoTests : IAsyncDisposable
{
    private static readonly VideoSpec Wanted = new() { Width = 64, Height = 64, Frames = 9, Fps = 16 };
    private readonly WorkerHarness _worker = new();

    public ValueTask DisposeAsync() => _worker.DisposeAsync();

    [Theory]
    [InlineData(OutputFormat.Files)]
    [InlineData(OutputFormat.WebDataset)]
    public async Task Conformed_samples_have_the_form_that_their_message_asks_for(OutputFormat format)
    {
        await _worker.RequireConformingAsync();
        await _worker.ProcessAsync(Message("video-generator", format));

        var samples = (await ManifestAsync("video-generator", 4)).Samples;
        samples.Count.ShouldBe(4);
        foreach (var sample in samples)
        {
            sample.Video.ShouldBe(new VideoFacts(64, 64, 9, 16, 0.562, "avc1"));
            sample.FirstFrameDistance!.Value.ShouldBeLessThan(6);
            sample.FinalFrameDistance!.Value.ShouldBeLessThan(6);
        }
    }

    [Fact]
    public async Task Conformed_samples_are_the_same_at_any_batch_size_and_in_any_process()
    {
        await _worker.RequireConformingAsync();
        await _worker.ProcessAsync(Message("video-generator") with { JobId = "whole" });
        for (var i = 0; i < 4; i++) await _worker.ProcessAsync(Message("video-generator") with { JobId = "parts", StartIndex = i, NumSamples = 1 });
        await using var other = new WorkerHarness(lanes: 1);
        await other.ProcessAsync(Message("video-generator") with { JobId = "other" });

        var whole = await _worker.DataAsync("whole");
        whole.Count.ShouldBe(4 * 4);
        (await _worker.DataAsync("parts")).ShouldBe(whole);
        (await other.DataAsync("other")).ShouldBe(whole);
    }

    [Fact]
    public async Task Originals_are_kept_beside_the_sample_if_asked()
    {
        await _worker.RequireConformingAsync();
        await _worker.ProcessAsync(WorkerHarness.Message("video-generator", 0, 1, "plain"));
        await _worker.ProcessAsync(Message("video-generator", count: 1) with { Video = Wanted with { KeepOriginal = true } });

        var plain = await _worker.DataAsync("plain");
        var kept = await _worker.DataAsync("job");
        const string Sample = "video-generator/video_task/video_00000000/";
        foreach (var name in new[] { "first_frame.png", "final_frame.png", "ground_truth.mp4" })
        {
            kept[$"{Sample}original/{name}"].ShouldBe(plain[Sample + name]);
            kept[Sample + name].ShouldNotBe(plain[Sample + name]);
        }
    }

    [Fact]
    public async Task Samples_of_a_message_without_video_tell_what_their_videos_are()
    {
        await _worker.ProcessAsync(WorkerHarness.Message("video-generator", 0, 1));

        var sample = (await ManifestAsync("video-generator", 1)).Samples.ShouldHaveSingleItem();
        sample.Video.ShouldBe(new VideoFacts(96, 64, 7, 10, 0.7, "mp4v"));
        (sample.FirstFrameDistance, sample.FinalFrameDistance, sample.StaticVideo).ShouldBe((null, null, null));
    }

    [Fact]
    public async Task A_video_that_cannot_be_decoded_is_its_samples_failure()
    {
        await _worker.RequireConformingAsync();
        using var generators = new TemporaryFolder();
        Generator(generators.Path, "damaged-generator", "noise");
        await using var worker = new WorkerHarness(generators: generators.Path);
        var message = Message("damaged-generator", count: 1);
        await worker.ProcessAsync(message with { Attempt = JobLimits.MaxAttempts });

        var key = (await worker.KeysAsync(ObjectKeys.FailedPrefix("job"))).ShouldHaveSingleItem();
        var failure = (await worker.Store.GetJsonAsync<FailureRecord>(key))!;
        failure.Kind.ShouldBe(FailureKind.InvalidOutput);
        failure.Message.ShouldStartWith("ground_truth.mp4: ");
        failure.Message.ShouldContain("decoded");
    }

    /// <summary>A copy of the generator of videos whose own files are damaged.</summary>
    private static void Generator(string folder, string name, string damage)
    {
        var place = Directory.CreateDirectory(Path.Combine(folder, name, "examples")).FullName;
        var script = File.ReadAllText(Path.Combine(WorkerHarness.TestGenerators, "video-generator", "examples", "generate.py"));
        File.WriteAllText(Path.Combine(place, "generate.py"), script.Replace("default=\"none\"", $"default=\"{damage}\"", StringComparison.Ordinal));
    }

    private static BatchMessage Message(string generator, OutputFormat format = OutputFormat.Files, int count = 4) =>
        WorkerHarness.Message(generator, 0, count, format: format) with { Video = Wanted };

    private async Task<Manifest> ManifestAsync(string generator, int count) =>
        (await _worker.Store.GetJsonAsync<Manifest>(ObjectKeys.Done("job", generator, new(0, count))))!;
}

internal static class Conforming
{
    /// <summary>Skips the test where Python lacks PyAV.</summary>
    public static async Task RequireConformingAsync(this WorkerHarness worker) =>
        Assert.SkipUnless((await worker.Get<IGeneratorRuntime>().GetStatusAsync()).ConformingProblem is null, "PyAV is not installed");
}
