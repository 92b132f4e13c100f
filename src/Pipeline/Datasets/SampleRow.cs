using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Records;

namespace VmDataset.Pipeline.Datasets;

/// <summary>A sample as a row of the dataset's tables. A missing value is an empty text, so that every column has one type.</summary>
public sealed record SampleRow(Job Job, JobGenerator Generator, FinishedSample Finished)
{
    /// <summary>The folder of its table below the dataset's, empty or with a slash at its end. Its paths are relative to it.</summary>
    public string Folder { get; init; } = "";

    // Those that videofolder opens; it leaves .webm to another loader.
    private static readonly string[] VideoExtensions = [".mp4", ".avi", ".mov", ".mkv"];

    private Manifest Manifest => Finished.Manifest;

    public SampleRecord Record => Finished.Record;

    public string Domain => Manifest.Domain;

    public string Version => Manifest.Version;

    /// <summary>Of the worker's clone, else of the one that the job was submitted with, if it was the same.</summary>
    public string Commit => Manifest.Commit ?? (Manifest.Version == Generator.Version ? Generator.Commit : null) ?? "";

    /// <summary>What its parameters name <c>difficulty</c>, a text or a number; empty where they name none.</summary>
    public string Difficulty
    {
        get
        {
            // Most have none, and a table has millions of rows.
            if (Record.Parameters is not { } text || !text.Contains("\"difficulty\"", StringComparison.Ordinal)) return "";
            using var parameters = JsonDocument.Parse(text);
            return parameters.RootElement.ValueKind != JsonValueKind.Object
                || !parameters.RootElement.TryGetProperty("difficulty", out var told) ? ""
                : told.ValueKind == JsonValueKind.String ? told.GetString()!
                : told.ValueKind == JsonValueKind.Number ? told.GetRawText() : "";
        }
    }

    public string Name => ObjectKeys.SampleName(Manifest.Domain, Record.Index);

    public long Bytes => Record.Files.Sum(static file => file.Bytes);

    /// <summary>Its split; empty in a job without splits.</summary>
    public string Split => Job.SplitOf(Generator.Name, Record.Fingerprint) ?? "";

    /// <summary>What WebDataset takes for the sample's key; empty where it lies on its own.</summary>
    public string Key => IsFiles ? "" : ObjectKeys.ShardMember(Manifest.Domain, Record.Index, "x")[..^2];

    /// <summary>The path of its tar, relative to its table; empty where it lies on its own.</summary>
    public string Shard => Manifest.ShardOf(Manifest.Shards is null ? null : Split) is { } shard ? PathOf(shard)[Folder.Length..] : "";

    private bool IsFiles => Manifest.AllShards is [];

    /// <summary>The path of a tar below the dataset's folder.</summary>
    public string PathOf(Shard shard) => shard.Key[ObjectKeys.DataPrefix(Job.Id).Length..];

    public string FirstFrame => PathOf(static file => file.Name == "first_frame.png");

    public string FinalFrame => PathOf(static file => file.Name == "final_frame.png");

    public string Video => PathOf(static file => VideoExtensions.Any(extension => file.Name == "ground_truth" + extension));

    /// <summary>The path of a file below the dataset's folder, or its name within the shard.</summary>
    public string PathOf(SampleFileRecord file) => IsFiles
        ? ObjectKeys.SampleFile(Job.Id, Manifest.Generator, Manifest.Domain, Record.Index,
            file.Name)[ObjectKeys.DataPrefix(Job.Id).Length..]
        : ObjectKeys.ShardMember(Manifest.Domain, Record.Index, file.Name);

    private string PathOf(Func<SampleFileRecord, bool> which) =>
        Record.Files.FirstOrDefault(which) is { } file ? PathOf(file)[(IsFiles ? Folder.Length : 0)..] : "";
}
