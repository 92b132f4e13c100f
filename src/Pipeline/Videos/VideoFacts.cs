namespace VmDataset.Pipeline.Videos;

/// <summary>What the index of an MP4 says of its first video track. A figure that it does not say is null.</summary>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
/// <param name="Frames">Their number.</param>
/// <param name="Fps">Frames a second: <paramref name="Frames"/> by <paramref name="Seconds"/>, rounded to thousandths.</param>
/// <param name="Seconds">The track's duration, rounded to thousandths.</param>
/// <param name="Codec">The sample entry's four letters, such as <c>avc1</c> (H.264) or <c>mp4v</c> (MPEG-4 Part 2).</param>
public sealed record VideoFacts(int? Width, int? Height, int? Frames, double? Fps, double? Seconds, string? Codec);
