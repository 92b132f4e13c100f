namespace VmDataset.Worker.Shards;

/// <summary>JSON as Python's <c>json.dumps</c> writes it with sorted keys: MDS shards are the same bytes as those of MosaicML's own
/// writer.</summary>
internal static class PythonJson
{
    public static string Object(params (string Name, string Value)[] members)
    {
        var sorted = members.OrderBy(static member => member.Name, StringComparer.Ordinal);
        return $"{{{string.Join(", ", sorted.Select(static member => $"{Text(member.Name)}: {member.Value}"))}}}";
    }

    public static string Array(IEnumerable<string> values) => $"[{string.Join(", ", values)}]";

    public static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    /// <param name="value">ASCII letters, digits and signs that JSON does not escape.</param>
    public static string Text(string value) => $"\"{value}\"";
}
