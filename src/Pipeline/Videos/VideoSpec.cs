using System.ComponentModel;
using VmDataset.Pipeline.Json;

namespace VmDataset.Pipeline.Videos;

/// <summary>
/// The form that every sample's <c>ground_truth</c> video and its stills are brought into. What is absent stays as the generator made it.
/// </summary>
public sealed record VideoSpec
{
    /// <summary>Pixels that a side may have.</summary>
    public const int MinSide = 16, MaxSide = 2_048;

    /// <summary>Frames that a video may be asked to have.</summary>
    public const int MaxFrames = 2_000;

    /// <summary>Frames a second.</summary>
    public const int MaxFps = 120;

    /// <summary>The only codec so far.</summary>
    public const string H264 = "h264";

    /// <summary>
    /// The trainer whose sizes and rules hold; other fields override its figures within its rules. Its figures stand beside it in the
    /// answer.
    /// </summary>
    /// <example>wan2.2</example>
    public string? Preset { get; init; }

    /// <summary>Width in pixels, even. Of one side alone the other follows by the video's aspect.</summary>
    /// <example>512</example>
    [Range(MinSide, MaxSide)]
    public int? Width { get; init; }

    /// <summary>Height in pixels, even.</summary>
    /// <example>512</example>
    [Range(MinSide, MaxSide)]
    public int? Height { get; init; }

    /// <summary>Number of frames: chosen evenly, the first and the last kept; repeated where the video has fewer.</summary>
    /// <example>81</example>
    [Range(1, MaxFrames)]
    public int? Frames { get; init; }

    /// <summary>Frames a second. Without <c>frames</c> the video keeps its duration.</summary>
    /// <example>16</example>
    [Range(1, MaxFps)]
    public int? Fps { get; init; }

    /// <summary>The codec: <c>h264</c>, in 4:2:0, which browsers play.</summary>
    /// <example>h264</example>
    [DefaultValue(H264)]
    public string Codec { get; init; } = H264;

    /// <summary>Whether the generator's own video and stills are kept in the sample's folder <c>original/</c>; absent if not.</summary>
    /// <example>true</example>
    public bool? KeepOriginal { get; init; }

    /// <summary>The same without the preset's name, as messages carry it: a sample depends on the figures alone.</summary>
    [JsonIgnore]
    public VideoSpec Plain => this with { Preset = null };

    /// <summary>8 hex digits of a SHA-256 over its figures.</summary>
    [JsonIgnore]
    public string Hash => Convert.ToHexStringLower(
        SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(Plain, WireJson.Options)))[..8];
}
