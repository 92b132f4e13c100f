namespace VmDataset.Pipeline.Exports;

/// <summary>What is in an export that copies samples into shards.</summary>
/// <param name="Parts">The number of its parts: each is shards that a worker makes for one message.</param>
/// <param name="Samples">Samples in it.</param>
/// <param name="Skipped">Samples of the dataset that are not in it.</param>
/// <param name="Files">The files that every sample of it has, by their names within the sample.</param>
public sealed record ExportPlan(int Parts, long Samples, long Skipped, IReadOnlyList<string> Files);

/// <summary>What is in a part of an export.</summary>
/// <param name="Sources">What samples have in common; each names one by its place here.</param>
/// <param name="Shards">Its shards.</param>
public sealed record ExportPartPlan(IReadOnlyList<SampleSource> Sources, IReadOnlyList<PlannedShard> Shards);

/// <summary>What samples of one kind have in common.</summary>
/// <param name="Generator">The generator.</param>
/// <param name="Domain">The task's domain.</param>
/// <param name="Files">The names of the sample's files, in the order of its manifest.</param>
/// <param name="Split">The split; null in a job without splits.</param>
public sealed record SampleSource(string Generator, string Domain, IReadOnlyList<string> Files, string? Split = null);

/// <summary>A shard before it is made.</summary>
/// <param name="Path">Below the export's folder.</param>
/// <param name="Samples">Its samples in their order.</param>
public sealed record PlannedShard(string Path, IReadOnlyList<PlannedSample> Samples);

/// <summary>Where a sample lies.</summary>
/// <param name="Source">Its source, by its place in the list of the part.</param>
/// <param name="Index">Its index.</param>
/// <param name="Bytes">The sizes of its files.</param>
/// <param name="Check">16 digits that tell its content: the start of the SHA-256 of its files' SHA-256, in hex, one after
/// another.</param>
/// <param name="Tar">The path of its tar below the dataset's folder; null where it lies on its own.</param>
/// <param name="Offset">Where it begins in the tar; null where it lies on its own.</param>
public sealed record PlannedSample(int Source, int Index, IReadOnlyList<long> Bytes, string Check, string? Tar = null, long? Offset = null);

/// <summary>A part that is made.</summary>
public sealed record ExportPartRecord(IReadOnlyList<ExportShard> Shards);

/// <summary>A shard that is made.</summary>
/// <param name="Path">Below the export's folder.</param>
/// <param name="Samples">Samples in it.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Sha256">Lower-case hex.</param>
public sealed record ExportShard(string Path, int Samples, long Bytes, string Sha256);
