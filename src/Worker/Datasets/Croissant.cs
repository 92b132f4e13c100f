using System.Text.Json.Nodes;
using VmDataset.Pipeline.Datasets;

namespace VmDataset.Worker.Datasets;

/// <summary>Describes a dataset in MLCommons Croissant 1.0 (http://mlcommons.org/croissant/1.0): its files, and the columns of its
/// table.</summary>
internal static class Croissant
{
    private const string Rows = "samples";
    private const string TableId = "tables";
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = WireJson.Options.Encoder };

    /// <param name="facts">The dataset.</param>
    /// <param name="files">The files of its parts.</param>
    public static string Of(DatasetFacts facts, IReadOnlyList<DataFile> files)
    {
        JsonArray distribution = facts.Tables.AreMany
            ? [FileSet(TableId, "application/x-parquet", facts.Tables.Parquet, "Tables with a row for each sample."),
                FileSet("lines", "application/jsonlines", facts.Tables.Lines, "The same rows as JSON lines.")]
            : [.. files.Select(static table => new JsonObject
        {
            ["@type"] = "cr:FileObject",
            ["@id"] = table.Path,
            ["name"] = table.Path,
            ["contentUrl"] = table.Path,
            ["contentSize"] = FormattableString.Invariant($"{table.Bytes} B"),
            ["encodingFormat"] = table.Path == DatasetFiles.Table ? "application/x-parquet" : "application/jsonlines",
            ["sha256"] = table.Sha256,
        })];
        foreach (var set in facts.IsTars ? Tars : Files) distribution.Add(set.DeepClone());
        var description = new JsonObject
        {
            ["@context"] = Context.DeepClone(),
            ["@type"] = "sc:Dataset",
            ["conformsTo"] = "http://mlcommons.org/croissant/1.0",
            ["name"] = facts.Title,
            ["description"] = $"{facts.Title}: puzzles for video reasoning, each with a prompt, a first frame and mostly a final frame and a video of the solution. Drawn by programs; {DatasetFiles.Card} says how to make them again.",
            ["license"] = facts.Job.About?.License is { } license ? $"https://spdx.org/licenses/{license}" : null,
            ["url"] = facts.Job.About?.Url,
            ["creator"] = facts.Job.About?.Creator is { } creator
                ? new JsonObject { ["@type"] = "sc:Organization", ["name"] = creator } : null,
            ["datePublished"] = facts.Job.About?.DatePublished,
            ["version"] = facts.Job.About?.Version,
            ["citeAs"] = facts.Job.About?.CiteAs,
            ["keywords"] = new JsonArray("synthetic", "video", "reasoning"),
            ["distribution"] = distribution,
            ["recordSet"] = facts.Job.Splits is null ? new JsonArray(RecordSet(facts))
                : new JsonArray(CroissantSplits.RecordSet(facts), RecordSet(facts)),
        };
        foreach (var name in description.Where(static field => field.Value is null).Select(static field => field.Key).ToList())
            description.Remove(name);
        return description.ToJsonString(Indented).ReplaceLineEndings("\n") + "\n";
    }

    private static JsonObject RecordSet(DatasetFacts facts) => new()
    {
        ["@type"] = "cr:RecordSet",
        ["@id"] = Rows,
        ["name"] = Rows,
        ["description"] = "One record a sample.",
        ["key"] = new JsonArray(Reference($"{Rows}/generator"), Reference($"{Rows}/sample")),
        ["field"] = new JsonArray([.. RowColumn.Of(facts.Job).Select(column => CroissantSplits.Refer(new JsonObject
        {
            ["@type"] = "cr:Field",
            ["@id"] = $"{Rows}/{column.Name}",
            ["name"] = column.Name,
            ["description"] = column.Description,
            ["dataType"] = column.Text is not null ? "sc:Text" : column.MissingOrFraction is not null ? "sc:Float" : "sc:Integer",
            ["source"] = new JsonObject
            {
                [facts.Tables.AreMany ? "fileSet" : "fileObject"] = Reference(facts.Tables.AreMany ? TableId : DatasetFiles.Table),
                ["extract"] = new JsonObject { ["column"] = column.Name },
            },
        }, column))]),
    };

    public static JsonObject Reference(string id) => new() { ["@id"] = id };

    private static JsonObject FileSet(string id, string encoding, string includes, string description) => new()
    {
        ["@type"] = "cr:FileSet",
        ["@id"] = id,
        ["name"] = id,
        ["description"] = description,
        ["encodingFormat"] = encoding,
        ["includes"] = includes,
    };

    private static readonly JsonObject[] Tars = [FileSet("shards", "application/x-tar", "*/*.tar", "Tars in the WebDataset format.")];

    private static readonly JsonObject[] Files =
    [
        FileSet("videos", "video/mp4", "*/*_task/*/ground_truth.mp4", "Videos of the solutions."),
        FileSet("frames", "image/png", "*/*_task/*/*.png", "First and final frames."),
        FileSet("prompts", "text/plain", "*/*_task/*/prompt.txt", "The tasks in words."),
    ];

    // As the specification's appendix has it.
    private static readonly JsonObject Context = JsonNode.Parse("""
        {
          "@language": "en",
          "@vocab": "https://schema.org/",
          "citeAs": "cr:citeAs",
          "column": "cr:column",
          "conformsTo": "dct:conformsTo",
          "cr": "http://mlcommons.org/croissant/",
          "rai": "http://mlcommons.org/croissant/RAI/",
          "data": {"@id": "cr:data", "@type": "@json"},
          "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
          "dct": "http://purl.org/dc/terms/",
          "examples": {"@id": "cr:examples", "@type": "@json"},
          "extract": "cr:extract",
          "field": "cr:field",
          "fileProperty": "cr:fileProperty",
          "fileObject": "cr:fileObject",
          "fileSet": "cr:fileSet",
          "format": "cr:format",
          "includes": "cr:includes",
          "isLiveDataset": "cr:isLiveDataset",
          "jsonPath": "cr:jsonPath",
          "key": "cr:key",
          "md5": "cr:md5",
          "parentField": "cr:parentField",
          "path": "cr:path",
          "recordSet": "cr:recordSet",
          "references": "cr:references",
          "regex": "cr:regex",
          "repeated": "cr:repeated",
          "replace": "cr:replace",
          "sc": "https://schema.org/",
          "separator": "cr:separator",
          "source": "cr:source",
          "subField": "cr:subField",
          "transform": "cr:transform"
        }
        """)!.AsObject();
}
