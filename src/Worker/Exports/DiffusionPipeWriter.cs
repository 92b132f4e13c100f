using VmDataset.Pipeline.Exports;

namespace VmDataset.Worker.Exports;

/// <summary>
/// diffusion-pipe: a folder of videos, with their prompts in <c>captions.json</c> by the names of the videos. The videos are links, in a
/// folder of their own: any other file beside them would be taken for a picture.
/// </summary>
internal sealed class DiffusionPipeWriter(ExportOptions options, ExportFolder folder) : ExportWriter
{
    private readonly LinkList _links = new(folder);
    private readonly StreamWriter _captions = folder.Open("videos/captions.json");
    private bool _hasCaptions;

    public override async ValueTask AddAsync(ExportSample sample, CancellationToken cancellationToken)
    {
        var name = $"{sample.Generator}.{sample.Row.Name}{Path.GetExtension(sample.Row.Video)}";
        await _links.AddAsync($"videos/{name}", sample.Row.Video);
        var start = _hasCaptions ? ",\n" : "{\n";
        await _captions.WriteAsync($"{start}{ExportFolder.Json(name)}: {ExportFolder.Json(new[] { sample.Prompt })}");
        _hasCaptions = true;
    }

    public override async Task FinishAsync(CancellationToken cancellationToken)
    {
        await _captions.WriteAsync("\n}\n");
        await _links.EndAsync(cancellationToken);
        var start = options.BasePath is { } path ? $"{path.TrimEnd('/')}/" : "";
        await folder.WriteAsync("dataset.toml", $"""
            # Choose the resolutions and frame_buckets by the model: videos are cut down to the buckets.
            resolutions = [512]
            enable_ar_bucket = true
            min_ar = 0.5
            max_ar = 2.0
            num_ar_buckets = 7
            frame_buckets = [1, 33, 81]

            [[directory]]
            path = {ExportFolder.Json($"{start}{options.Folder}/videos")}
            num_repeats = 1

            """.ReplaceLineEndings("\n"), cancellationToken);
    }
}
