namespace VmDataset.Worker.Hosting;

/// <summary>The folders of a worker process.</summary>
internal sealed record WorkerProcessOptions
{
    [Folders("generators")]
    public IReadOnlyList<string> GeneratorsDir { get; init; } = ["generators"];

    /// <summary>Where each worker makes a folder of its own for samples being drawn and for caches.</summary>
    [Folder]
    public string ScratchDir { get; init; } = Path.Combine(Path.GetTempPath(), "vm-dataset");
}
