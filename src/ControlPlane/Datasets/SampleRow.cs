namespace VmDataset.ControlPlane.Datasets;

/// <summary>A sample as the dataset's tables tell of it. What it lacks is an empty text, so that every column has one type.</summary>
internal sealed record SampleRow(Job Job, JobGenerator Generator, FinishedSample Finished)
{
    // Those that videofolder opens; it leaves .webm to another loader.
    private static readonly string[] VideoExtensions = [".mp4", ".avi", ".mov", ".mkv"];

    private Manifest Manifest => Finished.Manifest;

    public SampleRecord Record => Finished.Record;

    public string Domain => Manifest.Domain;

    public string Version => Manifest.Version;

    /// <summary>Of the worker's clone, else of the one that the job was submitted with, if it was the same.</summary>
    public string Commit => Manifest.Commit ?? (Manifest.Version == Generator.Version ? Generator.Commit : null) ?? "";

    public string Name => ObjectKeys.SampleName(Manifest.Domain, Record.Index);

    public long Bytes => Record.Files.Sum(static file => file.Bytes);

    /// <summary>What WebDataset takes for the sample's key; empty where it lies on its own.</summary>
    public string Key => Manifest.Shard is null ? "" : ObjectKeys.ShardMember(Manifest.Domain, Record.Index, "x")[..^2];

    public string Shard => Manifest.Shard is { } shard ? shard.Key[ObjectKeys.DataPrefix(Job.Id).Length..] : "";

    public string FirstFrame => PathOf(static file => file.Name == "first_frame.png");

    public string FinalFrame => PathOf(static file => file.Name == "final_frame.png");

    public string Video => PathOf(static file => VideoExtensions.Any(extension => file.Name == "ground_truth" + extension));

    /// <summary>Where a file lies: below the dataset's folder, or within its shard.</summary>
    public string PathOf(SampleFileRecord file) => Manifest.Shard is null
        ? ObjectKeys.SampleFile(Job.Id, Manifest.Generator, Manifest.Domain, Record.Index,
            file.Name)[ObjectKeys.DataPrefix(Job.Id).Length..]
        : ObjectKeys.ShardMember(Manifest.Domain, Record.Index, file.Name);

    private string PathOf(Func<SampleFileRecord, bool> which) => Record.Files.FirstOrDefault(which) is { } file ? PathOf(file) : "";
}
