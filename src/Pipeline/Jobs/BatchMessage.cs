using VmDataset.Pipeline.Json;
using VmDataset.Pipeline.Parameters;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Videos;

namespace VmDataset.Pipeline.Jobs;

/// <summary>One queue message: a range of sample indices of one generator. The first four fields are the whole contract.</summary>
public sealed record BatchMessage
{
    /// <summary>The generator that draws.</summary>
    [JsonPropertyName("type")]
    public required string Generator { get; init; }

    /// <summary>The generator's name within its job, where it is another one.</summary>
    public string? As { get; init; }

    /// <summary>The generator's name within its job: that of its folder, its manifests and its failures.</summary>
    [JsonIgnore]
    public string Name => As ?? Generator;

    public required int StartIndex { get; init; }

    public required int NumSamples { get; init; }

    /// <summary>The job's base seed: sample <c>i</c> is drawn with <c>seed + i</c>.</summary>
    public required int Seed { get; init; }

    /// <summary>Whose output it is; see <see cref="Jobs.JobId.AdHoc"/>.</summary>
    public required string JobId { get; init; }

    public OutputFormat OutputFormat { get; init; }

    /// <summary>Of a later part of a batch that went on as a message of its own: where the batch began. Null if the batch begins with this
    /// range. Manifests that cover the range begin there or later.</summary>
    public int? BatchStart { get; init; }

    /// <summary>1 for the first try; a range whose samples failed goes on with one more.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>The generation of the job that sent it, see <c>Control.JobControlState</c>; null is always taken for the newest.</summary>
    [JsonPropertyName("round")]
    public int? Generation { get; init; }

    /// <summary>Seconds that a sample may take; null for the worker's own limit.</summary>
    public int? TimeoutSeconds { get; init; }

    /// <summary>What is set of the generator; null where its defaults hold.</summary>
    public ParameterSet? Parameters { get; init; }

    /// <summary>What videos and stills are brought into; null if they stay as the generator makes them.</summary>
    public VideoSpec? Video { get; init; }

    /// <summary>The generator's content version at the job's submission; null if unknown. Another one is drawn too, and noted.</summary>
    public string? GeneratorVersion { get; init; }

    /// <summary>The splits that a range's samples are parted into, a tar each; null where there is one tar, and in the <c>files</c>
    /// format.</summary>
    public SplitPlan? Splits { get; init; }

    [JsonIgnore]
    public SampleRange Range => new(StartIndex, NumSamples);

    public BatchMessage With(SampleRange range, int attempt)
    {
        var begin = BatchStart ?? StartIndex;
        return this with
        {
            StartIndex = range.Start,
            NumSamples = range.Count,
            Attempt = attempt,
            BatchStart = begin < range.Start ? begin : null
        };
    }

    public string ToJson() => JsonSerializer.Serialize(this, WireJson.Options);

    public static BatchMessage For(Job job, JobGenerator generator, SampleRange range, int generation = 0) => new()
    {
        Generator = generator.Source,
        As = generator.Generator is null ? null : generator.Name,
        StartIndex = range.Start,
        NumSamples = range.Count,
        Seed = job.Seed,
        JobId = job.Id,
        OutputFormat = job.OutputFormat,
        Generation = generation,
        Parameters = generator.Parameters,
        Video = job.Video?.Plain,
        GeneratorVersion = generator.Version,
        Splits = job.OutputFormat == OutputFormat.WebDataset ? job.SplitsOf(generator.Name) : null,
    };
}
