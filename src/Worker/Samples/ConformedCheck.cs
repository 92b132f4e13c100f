namespace VmDataset.Worker.Samples;

/// <summary>Checks by a sample's own files that it was brought into the form asked for: what did so decoded foreign pictures.</summary>
internal static class ConformedCheck
{
    public const string VideoFile = "ground_truth.mp4";

    // H.264's sample entry.
    private const string H264 = "avc1";

    /// <returns>What is wrong, or null. A sample without a video is as good as it was.</returns>
    public static string? FindDefect(SampleRecord sample, VideoSpec wanted)
    {
        if (sample.Files.All(static file => file.Name != VideoFile)) return null;
        var (width, height, frames, fps, codec) = (sample.Video?.Width, sample.Video?.Height, sample.Video?.Frames, sample.Video?.Fps,
            sample.Video?.Codec);
        var isRight = (wanted.Width ?? width) == width && (wanted.Height ?? height) == height && (wanted.Frames ?? frames) == frames
            && (wanted.Fps ?? fps) == fps && codec == H264;
        return isRight ? null : string.Create(CultureInfo.InvariantCulture,
            $"{VideoFile}: after conforming it has {width} x {height} pixels, {frames} frames, {fps} frames a second and the codec {codec}, which is not what video asks for.");
    }
}
