using VmDataset.Pipeline.Datasets;

namespace VmDataset.Worker.Datasets;

/// <summary>A column of the dataset's tables, either of texts or of whole numbers.</summary>
internal sealed record RowColumn(string Name, string Description)
{
    public Func<SampleRow, string>? Text { get; private init; }

    public Func<SampleRow, long>? Number { get; private init; }

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
            .. Rest,
        ]
        :
        [
            Of("shard", "Path of the tar that holds the sample, relative to the folder of this table.", static row => row.Shard),
            Of("key", "The sample's key (__key__) within the tar.", static row => row.Key),
            .. Sample,
            Of("video", "Member of the tar; empty if the sample has no video.", static row => row.Video),
            .. Frames,
            .. Rest,
        ];

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

    private static readonly RowColumn[] Rest =
    [
        Of("fingerprint", "SHA-256 over the sample's files but for metadata.json: equal fingerprints are equal samples.", static row =>
            row.Record.Fingerprint),
        Of("bytes", "Bytes of all its files.", static row => row.Bytes),
        Of("parameters", "What the generator drew, as a JSON object; empty if it does not say.", static row => row.Record.Parameters ?? ""),
    ];

    public static RowColumn Of(string name, string description, Func<SampleRow, string> text) => new(name, description) { Text = text };

    public static RowColumn Of(string name, string description, Func<SampleRow, long> number) =>
        new(name, description) { Number = number };
}
