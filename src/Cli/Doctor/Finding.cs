namespace VmDataset.Cli.Doctor;

/// <summary>What one look found.</summary>
/// <param name="State"><c>ok</c>, <c>wrong</c>, <c>note</c> or <c>skipped</c>.</param>
internal sealed record Finding(string Name, string State, string Detail)
{
    public static Finding Ok(string name, string detail) => new(name, "ok", detail);

    public static Finding Wrong(string name, string detail) => new(name, "wrong", detail);

    public static Finding Note(string name, string detail) => new(name, "note", detail);

    public static Finding Skipped(string name, string detail) => new(name, "skipped", $"not looked at: {detail}");
}

internal sealed record Findings(IReadOnlyList<Finding> Items);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(Findings))]
internal sealed partial class FindingJson : JsonSerializerContext;
