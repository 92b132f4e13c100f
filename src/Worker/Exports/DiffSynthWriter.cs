namespace VmDataset.Worker.Exports;

/// <summary>
/// DiffSynth-Studio: JSON lines of <c>video</c>, relative to the dataset's folder, and <c>prompt</c>. It also reads CSV, but by pandas,
/// which takes prompts such as "None" or "NA" for missing numbers.
/// </summary>
internal sealed class DiffSynthWriter(ExportFolder folder) : ExportWriter
{
    private readonly StreamWriter _lines = folder.Open("metadata.jsonl");

    public override async ValueTask AddAsync(ExportSample sample, CancellationToken cancellationToken) =>
        await _lines.WriteLineAsync(ExportFolder.Json(new { video = sample.Row.Video, prompt = sample.Prompt }));
}
