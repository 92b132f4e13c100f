using VmDataset.Pipeline.Jobs;

namespace VmDataset.ControlPlane.Jobs.Samples;

/// <summary>A finished sample.</summary>
public sealed record SampleView
{
    /// <summary>The generator that drew it.</summary>
    /// <example>chess-task-data-generator</example>
    public required string Generator { get; init; }

    /// <summary>Its index within the generator's samples.</summary>
    /// <example>42</example>
    public required int Index { get; init; }

    /// <summary>Its name in the dataset.</summary>
    /// <example>chess_00000042</example>
    public required string Name { get; init; }

    /// <summary>The seed it was drawn with.</summary>
    /// <example>84</example>
    public required int Seed { get; init; }

    /// <summary>SHA-256 over its files but for metadata.json, in hex: equal fingerprints are equal samples.</summary>
    /// <example>5df6e0e2761359d30a8275058e299fcc0381534545f55cf43e41983f5d4c9456</example>
    public required string Fingerprint { get; init; }

    /// <summary>Seconds that the generator took.</summary>
    /// <example>0.117</example>
    public required double Seconds { get; init; }

    /// <summary>Bytes of all its files.</summary>
    /// <example>48211</example>
    public required long Bytes { get; init; }

    /// <summary>How it lies in the store: in files of its own, or within a tar.</summary>
    public required OutputFormat OutputFormat { get; init; }

    /// <summary>Its files.</summary>
    public required IReadOnlyList<SampleFileView> Files { get; init; }

    /// <summary>The tar that holds its files; absent when they lie on their own.</summary>
    public ShardView? Shard { get; init; }
}

/// <summary>A file of a sample.</summary>
public sealed record SampleFileView
{
    /// <summary>Its name within the sample.</summary>
    /// <example>first_frame.png</example>
    public required string Name { get; init; }

    /// <summary>Its size in bytes.</summary>
    /// <example>20413</example>
    public required long Bytes { get; init; }

    /// <summary>SHA-256 of its content, in hex.</summary>
    /// <example>9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08</example>
    public required string Sha256 { get; init; }

    /// <summary>Where to fetch it; absent when it lies in a tar.</summary>
    /// <example>/v1/jobs/20261123-130501-9f3c2a7b/files/chess-task-data-generator/chess_task/chess_00000042/first_frame.png</example>
    public string? Url { get; init; }

    /// <summary>Its name within the tar; absent when it lies on its own.</summary>
    /// <example>chess_00000042.first_frame.png</example>
    public string? Member { get; init; }
}

/// <summary>A tar of samples, in the WebDataset format.</summary>
public sealed record ShardView
{
    /// <summary>Where to fetch it.</summary>
    /// <example>/v1/jobs/20261123-130501-9f3c2a7b/files/chess-task-data-generator/chess-task-data-generator-00000000-100.tar</example>
    public required string Url { get; init; }

    /// <summary>Its size in bytes.</summary>
    /// <example>9420800</example>
    public required long Bytes { get; init; }

    /// <summary>SHA-256 of its content, in hex.</summary>
    /// <example>9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08</example>
    public required string Sha256 { get; init; }
}
