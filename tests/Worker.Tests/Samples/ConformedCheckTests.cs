using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Videos;
using VmDataset.Worker.Samples;

namespace VmDataset.Worker.Tests.Samples;

public sealed class ConformedCheckTests
{
    private static readonly VideoSpec Wanted = new() { Width = 64, Height = 48, Frames = 9, Fps = 16 };

    [Fact]
    public void A_video_as_it_was_asked_for_has_no_defect()
    {
        ConformedCheck.FindDefect(Sample(new VideoFacts(64, 48, 9, 16, 0.562, "avc1")), Wanted).ShouldBeNull();
        ConformedCheck.FindDefect(Sample(new VideoFacts(2, 2, 1, 30, 0.033, "avc1")), new VideoSpec()).ShouldBeNull();
        ConformedCheck.FindDefect(Sample(null, "first_frame.png"), Wanted).ShouldBeNull();
    }

    [Fact]
    public void A_video_that_differs_in_anything_asked_for_is_refused()
    {
        VideoFacts[] wrong = [new(62, 48, 9, 16, 1, "avc1"), new(64, 46, 9, 16, 1, "avc1"), new(64, 48, 8, 16, 1, "avc1"), new(64, 48, 9, 15, 1, "avc1"),
            new(64, 48, 9, 16, 1, "mp4v"), new(null, null, null, null, null, null)];
        foreach (var facts in wrong) ConformedCheck.FindDefect(Sample(facts), Wanted).ShouldNotBeNull($"{facts}").ShouldStartWith("ground_truth.mp4: after conforming");
        ConformedCheck.FindDefect(Sample(null), Wanted).ShouldNotBeNull();
    }

    private static SampleRecord Sample(VideoFacts? video, string file = "ground_truth.mp4") =>
        new() { Index = 0, Seed = 0, Fingerprint = "", Seconds = 1, Files = [new SampleFileRecord(file, 1, "")], Video = video };
}
