using VmDataset.Pipeline.Exports;

namespace VmDataset.Worker.Exports;

/// <summary>
/// musubi-tuner: a TOML of one dataset, and JSON lines of <c>video_path</c> and <c>caption</c>. Paths are relative to where it is run, so
/// without a base path it has to be run in the dataset's folder.
/// </summary>
internal sealed class MusubiTunerWriter(ExportOptions options, ExportFolder folder) : ExportWriter
{
    private readonly StreamWriter _lines = folder.Open("videos.jsonl");
    private readonly string _base = options.BasePath is { } path ? $"{path.TrimEnd('/')}/" : "";

    public override async ValueTask AddAsync(ExportSample sample, CancellationToken cancellationToken) =>
        await _lines.WriteLineAsync(ExportFolder.Json(new { video_path = _base + sample.Row.Video, caption = sample.Prompt }));

    // A text of JSON is one of TOML too. A part of a solution is none, so the whole video is taken.
    public override Task FinishAsync(CancellationToken cancellationToken) => folder.WriteAsync("dataset.toml", $"""
        # Choose the resolution and max_frames by the model: frames are cut down to 4n+1 and to max_frames.
        [general]
        resolution = [512, 512]
        batch_size = 1
        enable_bucket = true
        bucket_no_upscale = false

        [[datasets]]
        video_jsonl_file = {ExportFolder.Json($"{_base}{options.Folder}/videos.jsonl")}
        cache_directory = {ExportFolder.Json($"{_base}{options.Folder}/cache")}
        frame_extraction = "full"
        max_frames = 129

        """.ReplaceLineEndings("\n"), cancellationToken);
}
