using VmDataset.Pipeline.Exports;

namespace VmDataset.ControlPlane.Jobs.Exports;

/// <summary>A request for an export of a job's dataset.</summary>
public sealed record ExportRequest
{
    internal const string Example = """{"profile": "diffsynth"}""";

    /// <summary>The program that is to read the dataset: <c>diffsynth</c>, <c>videox-fun</c>, <c>finetrainers</c>, <c>musubi-tuner</c>,
    /// <c>vbvr-wan2.2</c>, <c>vbvr-rl</c>, <c>diffusion-pipe</c>, <c>vbvr-evalkit</c> or <c>vbvr-inferkit</c> for jobs in files, and
    /// <c>vbvr-dataset</c> for jobs in tars.</summary>
    /// <example>diffsynth</example>
    public required string Profile { get; init; }

    /// <summary>The folder in which the dataset will lie where the program runs, for profiles whose files name it. Default: paths are
    /// relative to that folder, and the program has to run in it.</summary>
    /// <example>/data/mazes</example>
    [MinLength(1), MaxLength(ExportOptions.MaxBasePath)]
    public string? BasePath { get; init; }

    /// <summary>The split whose samples are in the export, one of the job's <c>splits</c>. Default: all samples.</summary>
    /// <example>train</example>
    public string? Split { get; init; }

    internal static (ExportOptions? Options, IReadOnlyList<ValidationError> Errors) Read(JsonElement body, Job job)
    {
        var fields = new JsonFields(body);
        fields.RefuseUnknownAndRepeated(["profile", "base_path", "split"]);
        var name = fields.Text("profile", required: true, static text => ExportProfile.Find(text) is not null,
            $"one of {string.Join(", ", ExportProfile.All.Select(static each => each.Name))}");
        var path = fields.Text("base_path", required: false, ExportOptions.IsBasePath,
            string.Create(CultureInfo.InvariantCulture, $"a text of 1 to {ExportOptions.MaxBasePath:N0} letters without control characters"));
        var splits = job.SplitNames();
        var split = fields.Text("split", required: false, name => splits.Contains(name, StringComparer.Ordinal),
            splits is [] ? "no split, as the job has none" : $"a split of the job: {string.Join(", ", splits)}");
        if (name is not null && path is not null && ExportProfile.Find(name) is { TakesBasePath: false })
            fields.Refuse("base_path", $"base_path is there beside profile '{name}'; allowed with {WithBasePath}: the files of the others name no folder.");
        return fields.Errors.Count > 0 ? (null, fields.Errors) : (new ExportOptions(name!, path, split), []);
    }

    private static string WithBasePath =>
        string.Join(", ", ExportProfile.All.Where(static each => each.TakesBasePath).Select(static each => each.Name));
}
