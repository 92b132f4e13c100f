using System.Buffers;

namespace VmDataset.Worker.Exports;

/// <summary>
/// finetrainers: prompts and videos line by line, videos relative to the folder of the lists. That folder must hold no table and no tar, at
/// any depth: it would be taken for a dataset of another kind. Hence it is the export's and not the dataset's.
/// </summary>
internal sealed class FinetrainersWriter(ExportFolder folder) : ExportWriter
{
    // Where Python's str.splitlines ends a line.
    private static readonly SearchValues<char> LineEnds = SearchValues.Create("\n\r\v\f\u001c\u001d\u001e\u0085\u2028\u2029");

    private readonly StreamWriter _prompts = folder.Open("prompt.txt");
    private readonly StreamWriter _videos = folder.Open("videos.txt");

    public override async ValueTask AddAsync(ExportSample sample, CancellationToken cancellationToken)
    {
        await _prompts.WriteLineAsync(OneLine(sample.Prompt));
        await _videos.WriteLineAsync($"../../{sample.Row.Video}");
    }

    private static string OneLine(string text) => !text.AsSpan().ContainsAny(LineEnds) ? text
        : string.Create(text.Length, text, static (line, all) =>
        {
            for (var i = 0; i < line.Length; i++) line[i] = LineEnds.Contains(all[i]) ? ' ' : all[i];
        });
}
