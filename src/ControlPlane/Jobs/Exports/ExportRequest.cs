using VmDataset.Pipeline.Exports;

namespace VmDataset.ControlPlane.Jobs.Exports;

/// <summary>A request for an export of a job's dataset.</summary>
public sealed record ExportRequest
{
    internal const string Example = """{"profile": "webdataset"}""";

    internal const string Mixed = "mixed";
    internal const string ByGenerator = "by_generator";

    /// <summary>The program that is to read the dataset: <c>diffsynth</c>, <c>videox-fun</c>, <c>finetrainers</c>, <c>musubi-tuner</c>,
    /// <c>vbvr-wan2.2</c>, <c>vbvr-rl</c>, <c>diffusion-pipe</c>, <c>vbvr-evalkit</c> or <c>vbvr-inferkit</c> for jobs in files,
    /// <c>vbvr-dataset</c> for jobs in tars, and <c>webdataset</c> or <c>mds</c>, which copy the samples into shards, for both.</summary>
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

    /// <summary>Which samples share the shards of <c>webdataset</c> and <c>mds</c>: <c>mixed</c>, those of all generators, or
    /// <c>by_generator</c>, those of one generator each. Default: <c>mixed</c>.</summary>
    public ShardOrder Shards { get; init; } = ShardOrder.Mixed;

    /// <summary>Bytes of a shard at most, one of a single larger sample apart. Default: 268435456 for <c>webdataset</c>, 67108864 for
    /// <c>mds</c>.</summary>
    /// <example>268435456</example>
    [Range(ExportOptions.MinShardBytes, ExportOptions.MaxShardBytes)]
    public long? ShardBytes { get; init; }

    /// <summary>The seed of the shuffle of <c>webdataset</c> and <c>mds</c>. Default: 0.</summary>
    /// <example>0</example>
    [Range(0, int.MaxValue)]
    public int? Seed { get; init; }

    internal static (ExportOptions? Options, IReadOnlyList<ValidationError> Errors) Read(JsonElement body, Job job)
    {
        var fields = new JsonFields(body);
        fields.RefuseUnknownAndRepeated(["profile", "base_path", "split", "shards", "shard_bytes", "seed"]);
        var name = fields.Text("profile", required: true, static text => ExportProfile.Find(text) is not null,
            $"one of {string.Join(", ", ExportProfile.All.Select(static each => each.Name))}");
        var path = fields.Text("base_path", required: false, ExportOptions.IsBasePath,
            string.Create(CultureInfo.InvariantCulture, $"a text of 1 to {ExportOptions.MaxBasePath:N0} letters without control characters"));
        var splits = job.SplitNames();
        var split = fields.Text("split", required: false, name => splits.Contains(name, StringComparer.Ordinal),
            splits is [] ? "no split, as the job has none" : $"a split of the job: {string.Join(", ", splits)}");
        var shards = fields.Text("shards", required: false, static text => text is Mixed or ByGenerator, $"{Mixed} or {ByGenerator}");
        var bytes = fields.LargeWholeNumber("shard_bytes", ExportOptions.MinShardBytes, ExportOptions.MaxShardBytes);
        var seed = fields.WholeNumber("seed", required: false, 0, int.MaxValue);
        var profile = name is null ? null : ExportProfile.Find(name);
        if (path is not null && profile is { TakesBasePath: false })
            fields.Refuse("base_path", $"base_path is there beside profile '{name}'; allowed with {Names(static each => each.TakesBasePath)}: the files of the others name no folder.");
        (string, bool)[] ofShards = [("shards", shards is not null), ("shard_bytes", bytes is not null), ("seed", seed is not null)];
        foreach (var (field, given) in ofShards)
            if (given && profile is { ShardBytes: null })
                fields.Refuse(field, $"{field} is there beside profile '{name}'; allowed with {Names(static each => each.ShardBytes is not null)}: the others copy no samples.");
        if (fields.Errors.Count > 0) return (null, fields.Errors);
        var options = ExportOptions.Default(name!) with { BasePath = path, Split = split };
        return (options with
        {
            Shards = shards is null ? options.Shards : shards == Mixed ? ShardOrder.Mixed : ShardOrder.ByGenerator,
            ShardBytes = bytes ?? options.ShardBytes,
            Seed = seed ?? options.Seed,
        }, []);
    }

    private static string Names(Func<ExportProfile, bool> which) =>
        string.Join(", ", ExportProfile.All.Where(which).Select(static each => each.Name));
}
