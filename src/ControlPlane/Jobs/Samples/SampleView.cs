namespace VmDataset.ControlPlane.Jobs.Samples;

/// <summary>A finished sample.</summary>
public sealed record SampleView
{
    /// <summary>The generator that drew the sample.</summary>
    /// <example>chess-task-data-generator</example>
    public required string Generator { get; init; }

    /// <summary>The sample's index within the generator's samples.</summary>
    /// <example>42</example>
    public required int Index { get; init; }

    /// <summary>The sample's name in the dataset.</summary>
    /// <example>chess_00000042</example>
    public required string Name { get; init; }

    /// <summary>The sample's seed.</summary>
    /// <example>84</example>
    public required int Seed { get; init; }

    /// <summary>SHA-256 over all files except metadata.json, in hex; equal fingerprints mean equal samples.</summary>
    /// <example>5df6e0e2761359d30a8275058e299fcc0381534545f55cf43e41983f5d4c9456</example>
    public required string Fingerprint { get; init; }

    /// <summary>The sample's split; absent in a job without splits.</summary>
    /// <example>train</example>
    public string? Split { get; init; }

    /// <summary>Seconds that the generator took for the sample.</summary>
    /// <example>0.117</example>
    public required double Seconds { get; init; }

    /// <summary>Bytes of all files.</summary>
    /// <example>48211</example>
    public required long Bytes { get; init; }

    /// <summary>The sample's format in the store: files of its own, or a tar.</summary>
    public required OutputFormat OutputFormat { get; init; }

    /// <summary>The sample's files.</summary>
    public required IReadOnlyList<SampleFileView> Files { get; init; }

    /// <summary>The tar that holds the files; absent if the sample has files of its own.</summary>
    public ShardView? Shard { get; init; }

    /// <summary>The start of prompt.txt, as the manifest has it.</summary>
    [JsonIgnore]
    public string? Prompt { get; init; }

    /// <summary>The sample's parameters in JSON, from metadata.json, as the manifest has them.</summary>
    [JsonIgnore]
    public string? Parameters { get; init; }
}

/// <summary>A file of a sample.</summary>
public sealed record SampleFileView
{
    /// <summary>The file's name within the sample.</summary>
    /// <example>first_frame.png</example>
    public required string Name { get; init; }

    /// <summary>The size in bytes.</summary>
    /// <example>20413</example>
    public required long Bytes { get; init; }

    /// <summary>SHA-256 of the content, in hex.</summary>
    /// <example>9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08</example>
    public required string Sha256 { get; init; }

    /// <summary>The file's address; absent for a file in a tar.</summary>
    /// <example>/v1/jobs/20261123-130501-9f3c2a7b/files/chess-task-data-generator/chess_task/chess_00000042/first_frame.png</example>
    public string? Url { get; init; }

    /// <summary>The file's name within the tar; absent for a file of its own.</summary>
    /// <example>chess_00000042.first_frame.png</example>
    public string? Member { get; init; }
}

/// <summary>A tar of samples, in the WebDataset format.</summary>
public sealed record ShardView
{
    /// <summary>The tar's address.</summary>
    /// <example>/v1/jobs/20261123-130501-9f3c2a7b/files/chess-task-data-generator/chess-task-data-generator-00000000-100.tar</example>
    public required string Url { get; init; }

    /// <summary>The size in bytes.</summary>
    /// <example>9420800</example>
    public required long Bytes { get; init; }

    /// <summary>SHA-256 of the content, in hex.</summary>
    /// <example>9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08</example>
    public required string Sha256 { get; init; }
}
