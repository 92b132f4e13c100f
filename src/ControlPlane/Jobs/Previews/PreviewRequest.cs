namespace VmDataset.ControlPlane.Jobs.Previews;

/// <summary>A request for a preview of a generator. An empty one, or none, takes the defaults.</summary>
public sealed record PreviewRequest
{
    internal const string Example = """{"samples": 4, "seed": 42}""";

    internal const string ParametersField = "parameters";

    private const int DefaultSamples = 4;
    private const int DefaultSeed = 42;
    private const int MaxSamples = 8;

    /// <summary>Number of samples.</summary>
    /// <example>4</example>
    [Range(1, MaxSamples)]
    [DefaultValue(DefaultSamples)]
    public int Samples { get; init; } = DefaultSamples;

    /// <summary>The base seed: sample <c>i</c> is drawn with <c>seed + i</c>, as in a job of that seed. A repeated preview gives the same
    /// samples.</summary>
    /// <example>42</example>
    [Range(0, JobLimits.MaxSeed - MaxSamples)]
    [DefaultValue(DefaultSeed)]
    public int Seed { get; init; } = DefaultSeed;

    /// <summary>Parameters of the generator, as in a job.</summary>
    public ParameterSet? Parameters { get; init; }

    /// <summary>The form of the videos and stills, as in a job.</summary>
    public VideoSpec? Video { get; init; }

    internal static (PreviewRequest? Preview, IReadOnlyList<ValidationError> Errors) Read(JsonElement body)
    {
        var fields = new JsonFields(body);
        fields.RefuseUnknownAndRepeated(["samples", "seed", ParametersField, VideoSpecReader.Field]);
        var preview = new PreviewRequest
        {
            Samples = fields.WholeNumber("samples", required: false, 1, MaxSamples) ?? DefaultSamples,
            Seed = fields.WholeNumber("seed", required: false, 0, JobLimits.MaxSeed - MaxSamples) ?? DefaultSeed,
            Video = VideoSpecReader.Read(fields),
        };
        return fields.Errors.Count > 0 ? (null, fields.Errors) : (preview, []);
    }
}
