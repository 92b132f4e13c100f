using VmDataset.Pipeline.Parameters;
using VmDataset.Pipeline.Videos;

namespace VmDataset.Pipeline.Jobs;

/// <summary>Says that a range is finished. Written after all of its data; its key alone tells the range.</summary>
public sealed record Manifest
{
    /// <summary>Bytes that no manifest is shorter than: what LIST shows to be shorter, as a power cut leaves it, is none.</summary>
    public const int MinBytes = 64;

    public required string Generator { get; init; }

    /// <summary>Content version of the generator that drew the range.</summary>
    public required string Version { get; init; }

    /// <summary>The commit of the generator's clone; null where it was none.</summary>
    public string? Commit { get; init; }

    /// <summary>The task's domain, such as <c>chess</c>: data lies under <c>&lt;domain&gt;_task</c>.</summary>
    public required string Domain { get; init; }

    public required int StartIndex { get; init; }

    public required int NumSamples { get; init; }

    public required int BaseSeed { get; init; }

    /// <summary>What was set of the generator; null where its defaults held.</summary>
    public ParameterSet? Parameters { get; init; }

    public required OutputFormat OutputFormat { get; init; }

    /// <summary>Files in the range, and bytes.</summary>
    public required long Files { get; init; }

    public required long Bytes { get; init; }

    /// <summary>Seconds that lanes spent on drawing the range.</summary>
    public required double Seconds { get; init; }

    /// <summary>Processor seconds of the generator's processes for the range; null in manifests of earlier versions.</summary>
    public double? CpuSeconds { get; init; }

    /// <summary>MB that a process of it held at most; null in manifests of earlier versions.</summary>
    public double? MaxRssMb { get; init; }

    public required DateTimeOffset FinishedAt { get; init; }

    /// <summary>Which try it was, from 1; null in manifests of earlier versions.</summary>
    public int? Attempt { get; init; }

    /// <summary>Who made it, by a name that leads to its log; null in manifests of earlier versions.</summary>
    public string? Worker { get; init; }

    /// <summary>The tar that holds the range; null in the <c>files</c> format, and where there is a tar for each split.</summary>
    public Shard? Shard { get; init; }

    /// <summary>The tars that hold the range, one for each split that has samples of it, in the order of their keys; null in a job without
    /// splits and in the <c>files</c> format.</summary>
    public IReadOnlyList<Shard>? Shards { get; init; }

    /// <summary>Every tar of the range; empty in the <c>files</c> format.</summary>
    [JsonIgnore]
    public IReadOnlyList<Shard> AllShards => Shards ?? (Shard is null ? [] : [Shard]);

    /// <summary>The tar that holds a split's samples of the range; null in the <c>files</c> format.</summary>
    public Shard? ShardOf(string? split) => Shards is null ? Shard : Shards.FirstOrDefault(each => each.Split == split);

    /// <summary>In ascending order of index.</summary>
    public required IReadOnlyList<SampleRecord> Samples { get; init; }
}

/// <param name="Sha256">Lower-case hex.</param>
/// <param name="Split">The split whose samples it holds; null in a job without splits.</param>
public sealed record Shard(string Key, long Bytes, string Sha256, string? Split = null);

/// <summary>A finished sample.</summary>
public sealed record SampleRecord
{
    public required int Index { get; init; }

    /// <summary>The seed it was drawn with: base seed + index.</summary>
    public required int Seed { get; init; }

    /// <summary>SHA-256 (lower-case hex) of the lines <c>&lt;sha256&gt;  &lt;file&gt;\n</c> of its files in ordinal order of their names,
    /// without <c>metadata.json</c>, which names the sample. Equal fingerprints are equal puzzles.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>Seconds that the generator took, and the conforming where there was one.</summary>
    public required double Seconds { get; init; }

    /// <summary>Processor seconds of it. Manifests hold their sum alone.</summary>
    [JsonIgnore]
    public double CpuSeconds { get; init; }

    /// <summary>MB that its process held at most. Manifests hold the most of all alone.</summary>
    [JsonIgnore]
    public double MaxRssMb { get; init; }

    /// <summary>What <c>prompt.txt</c> says, cut if it is very long; null in manifests of earlier versions.</summary>
    public string? Prompt { get; init; }

    /// <summary>What the generator drew, as a JSON object: from <c>metadata.json</c>; null where that says nothing or very much.</summary>
    public string? Parameters { get; init; }

    /// <summary>Its video as the boxes of its MP4 tell it; null without one, and in manifests of earlier versions.</summary>
    public VideoFacts? Video { get; init; }

    /// <summary>Of a conformed sample: the mean absolute difference, 0 to 255, between the first picture that the video was encoded from
    /// and the first frame; null else.</summary>
    public double? FirstFrameDistance { get; init; }

    /// <summary>The same of the video's last picture and the final frame.</summary>
    public double? FinalFrameDistance { get; init; }

    /// <summary>True if the pictures of a conformed sample's video do not differ; null if they do, and without a conformed video.</summary>
    public bool? StaticVideo { get; init; }

    public required IReadOnlyList<SampleFileRecord> Files { get; init; }

    /// <summary>Why it is no part of the dataset, and its files are gone; null if it is one.</summary>
    [JsonPropertyName("left_out")]
    public Excluded? Excluded { get; init; }
}

/// <summary>A sample that was drawn for a job without duplicates, and is none of its samples.</summary>
/// <param name="DuplicateOf">The index of the sample that it repeats; null if it repeats none of the job's.</param>
/// <param name="InOtherJob">Whether a job of <see cref="Job.UniqueAgainst"/> has it. If it is null too, there were enough samples
/// before it.</param>
public sealed record Excluded(int? DuplicateOf = null, bool? InOtherJob = null);

/// <param name="Name">File name within the sample's folder.</param>
/// <param name="Sha256">Lower-case hex.</param>
public sealed record SampleFileRecord(string Name, long Bytes, string Sha256);
