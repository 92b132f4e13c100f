using VmDataset.Pipeline.Exports;

namespace VmDataset.Worker.Exports;

/// <summary>
/// VBVR-Wan2.2: for each generator an annotation of <c>clip_path</c> and <c>text_annot</c>, and a configuration that names their files and
/// the folder of the clips. Both are relative to where it is run, so without a base path it has to be run in the dataset's folder.
/// </summary>
internal sealed class VbvrWanWriter(ExportOptions options, ExportFolder folder) : ExportWriter
{
    private readonly string _base = options.BasePath?.TrimEnd('/') ?? ".";
    private readonly Dictionary<string, object> _config = [];
    private JsonList? _annotation;

    public override async ValueTask AddAsync(ExportSample sample, CancellationToken cancellationToken)
    {
        if (!_config.ContainsKey(sample.Generator))
        {
            if (_annotation is not null) await _annotation.EndAsync();
            var name = $"annotations/{sample.Generator}.json";
            _annotation = new JsonList(folder.Open(name));
            _config[sample.Generator] = new { root = _base, annotation = $"{_base}/{options.Folder}/{name}" };
        }

        await _annotation!.AddAsync(new { clip_path = sample.Row.Video, text_annot = sample.Prompt });
    }

    public override async Task FinishAsync(CancellationToken cancellationToken)
    {
        await _annotation!.EndAsync();
        await folder.WriteAsync("dataset.json", ExportFolder.IndentedJson(_config) + "\n", cancellationToken);
    }
}
