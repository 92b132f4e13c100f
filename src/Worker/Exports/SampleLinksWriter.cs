namespace VmDataset.Worker.Exports;

/// <summary>A layout of folders, one a sample, with the names that samples have here: links to the samples' own folders.</summary>
/// <param name="folder">Where it writes.</param>
/// <param name="nameOf">The path of a sample's folder below the export's.</param>
internal sealed class SampleLinksWriter(ExportFolder folder, Func<ExportSample, string> nameOf) : ExportWriter
{
    private readonly LinkList _links = new(folder);

    public override ValueTask AddAsync(ExportSample sample, CancellationToken cancellationToken) =>
        _links.AddAsync(nameOf(sample), sample.Row.Video[..sample.Row.Video.LastIndexOf('/')]);

    public override Task FinishAsync(CancellationToken cancellationToken) => _links.EndAsync(cancellationToken);
}
