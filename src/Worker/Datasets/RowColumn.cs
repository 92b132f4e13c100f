using VmDataset.Pipeline.Datasets;

namespace VmDataset.Worker.Datasets;

/// <summary>A column of the dataset's tables: of texts, of whole numbers, or of whole or other numbers that may be missing.</summary>
internal sealed record RowColumn(string Name, string Description)
{
    public Func<SampleRow, string>? Text { get; private init; }

    public Func<SampleRow, long>? Number { get; private init; }

    public Func<SampleRow, long?>? MissingOrNumber { get; private init; }

    public Func<SampleRow, double?>? MissingOrFraction { get; private init; }

    /// <summary>
    /// In order. <c>file_name</c>, and no other name that ends so, is what Hugging Face's videofolder opens; in a tar it would find
    /// nothing, so there the rows name shard and member instead.
    /// </summary>
    public static IReadOnlyList<RowColumn> Of(OutputFormat format) => format == OutputFormat.Files
        ?
        [
            Of("file_name", "Path of the video, relative to the folder of this table; empty if the sample has none.",
                static row => row.Video),
            .. Sample,
            .. Frames,
            .. Video,
            .. Rest,
        ]
        :
        [
            Of("shard", "Path of the tar that holds the sample, relative to the folder of this table.", static row => row.Shard),
            Of("key", "The sample's key (__key__) within the tar.", static row => row.Key),
            .. Sample,
            Of("video", "Member of the tar; empty if the sample has no video.", static row => row.Video),
            .. Frames,
            .. Video,
            .. Rest,
        ];

    /// <summary>As <see cref="Of(OutputFormat)"/>, with the split where the job has splits.</summary>
    public static IReadOnlyList<RowColumn> Of(Job job) => job.Splits is null ? Of(job.OutputFormat) : [.. Of(job.OutputFormat), Split];

    private static readonly RowColumn Split = Of("split", "The sample's split.", static row => row.Split);

    private static readonly RowColumn[] Sample =
    [
        Of("generator", "The generator that drew the sample.", static row => row.Generator.Name),
        Of("generator_version", "Content hash of that generator.", static row => row.Version),
        Of("generator_commit", "Commit of that generator's repository; empty if not known.", static row => row.Commit),
        Of("domain", "The task's domain.", static row => row.Domain),
        Of("sample", "The sample's name, unique within its generator.", static row => row.Name),
        Of("index", "The sample's index.", static row => row.Record.Index),
        Of("seed", "The seed it was drawn with.", static row => row.Record.Seed),
        Of("prompt", "The task in words.", static row => row.Record.Prompt ?? ""),
    ];

    private static readonly RowColumn[] Frames =
    [
        Of("first_frame", "The picture of the task.", static row => row.FirstFrame),
        Of("final_frame", "The picture of the solution; empty if the sample has none.", static row => row.FinalFrame),
    ];

    // Nothing where it is not known: of no video, of one that is no MP4, of samples of earlier versions.
    private static readonly RowColumn[] Video =
    [
        OfMissing("width", "Width of the video in pixels.", static row => row.Record.Video?.Width),
        OfMissing("height", "Height of the video in pixels.", static row => row.Record.Video?.Height),
        OfMissing("frames", "Number of frames of the video.", static row => row.Record.Video?.Frames),
        OfFraction("fps", "Frames a second of the video.", static row => row.Record.Video?.Fps),
        OfFraction("seconds", "Duration of the video in seconds.", static row => row.Record.Video?.Seconds),
        Of("codec", "Codec of the video by its MP4 sample entry, such as avc1 (H.264) or mp4v; empty if not known.", static row =>
            row.Record.Video?.Codec ?? ""),
        OfFraction("first_frame_distance", "Mean absolute difference, 0 to 255, of the video's first picture from first_frame; "
            + "of conformed samples alone.", static row => row.Record.FirstFrameDistance),
        OfFraction("final_frame_distance", "Mean absolute difference, 0 to 255, of the video's last picture from final_frame; "
            + "of conformed samples alone.", static row => row.Record.FinalFrameDistance),
    ];

    private static readonly RowColumn[] Rest =
    [
        Of("fingerprint", "SHA-256 over the sample's files but for metadata.json: equal fingerprints are equal samples.", static row =>
            row.Record.Fingerprint),
        Of("bytes", "Bytes of all its files.", static row => row.Bytes),
        Of("difficulty", "How hard the sample is by its parameters' own word, such as easy; empty if they do not say.", static row =>
            row.Difficulty),
        Of("parameters", "What the generator drew, as a JSON object; empty if it does not say.", static row => row.Record.Parameters ?? ""),
    ];

    public static RowColumn Of(string name, string description, Func<SampleRow, string> text) => new(name, description) { Text = text };

    public static RowColumn Of(string name, string description, Func<SampleRow, long> number) =>
        new(name, description) { Number = number };

    private static RowColumn OfMissing(string name, string description, Func<SampleRow, long?> number) =>
        new(name, description) { MissingOrNumber = number };

    private static RowColumn OfFraction(string name, string description, Func<SampleRow, double?> number) =>
        new(name, description) { MissingOrFraction = number };
}
