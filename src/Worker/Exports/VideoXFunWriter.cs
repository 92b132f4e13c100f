namespace VmDataset.Worker.Exports;

/// <summary>VideoX-Fun: a JSON list of videos, relative to the dataset's folder. Width and height are optional; its sampler opens the
/// video where they are not there.</summary>
internal sealed class VideoXFunWriter(ExportFolder folder) : ExportWriter
{
    private readonly JsonList _list = new(folder.Open("metadata.json"));

    public override async ValueTask AddAsync(ExportSample sample, CancellationToken cancellationToken) =>
        await _list.AddAsync(new { file_path = sample.Row.Video, text = sample.Prompt, type = "video" });

    public override Task FinishAsync(CancellationToken cancellationToken) => _list.EndAsync();
}
