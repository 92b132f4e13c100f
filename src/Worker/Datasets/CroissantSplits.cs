using System.Text.Json.Nodes;

namespace VmDataset.Worker.Datasets;

/// <summary>A dataset's splits in Croissant 1.0: an enumeration of type <c>cr:Split</c>, to which a column refers.</summary>
internal static class CroissantSplits
{
    private const string Id = "splits";
    private const string NameId = $"{Id}/name";
    private const string CountId = $"{Id}/samples";

    /// <summary>The splits that have samples, with their numbers.</summary>
    public static JsonObject RecordSet(DatasetFacts facts) => new()
    {
        ["@type"] = "cr:RecordSet",
        ["@id"] = Id,
        ["name"] = Id,
        ["description"] = "The splits of the samples.",
        ["dataType"] = "cr:Split",
        ["key"] = Croissant.Reference(NameId),
        ["field"] = new JsonArray(Field(NameId, "sc:Text", "The split's name."), Field(CountId, "sc:Integer", "Its number of samples.")),
        ["data"] = new JsonArray([.. facts.Splits.Where(static each => each.Samples > 0)
            .Select(static each => new JsonObject { [NameId] = each.Name, [CountId] = each.Samples })]),
    };

    /// <summary>Has the column of the split refer to the enumeration.</summary>
    public static JsonObject Refer(JsonObject field, RowColumn column)
    {
        if (column.Name == "split") field["references"] = new JsonObject { ["field"] = Croissant.Reference(NameId) };
        return field;
    }

    private static JsonObject Field(string id, string type, string description) => new()
    {
        ["@type"] = "cr:Field",
        ["@id"] = id,
        ["name"] = id[(Id.Length + 1)..],
        ["description"] = description,
        ["dataType"] = type,
    };
}
