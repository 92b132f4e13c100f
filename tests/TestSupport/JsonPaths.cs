using System.Globalization;
using System.Text.Json;

namespace VmDataset.Tests;

/// <summary>Reads JSON as it goes over the wire, by the names that users see.</summary>
public static class JsonPaths
{
    /// <summary>The value at a path of names and indices, such as <c>samples.done</c> or <c>items[0].files</c>.</summary>
    /// <exception cref="KeyNotFoundException">A step of the path is not there; the text has what is.</exception>
    public static JsonElement At(this JsonElement element, string path)
    {
        var at = element;
        foreach (var step in path.Replace("[", ".[", StringComparison.Ordinal).Split('.', StringSplitOptions.RemoveEmptyEntries))
            at = Step(at, step) ?? throw new KeyNotFoundException($"No '{step}' of '{path}' in {element.GetRawText()}");
        return at;
    }

    /// <summary>The first message of a refused request about a field.</summary>
    public static string ErrorOf(this JsonElement problem, string field) =>
        problem.GetProperty("errors").GetProperty(field)[0].GetString()!;

    private static JsonElement? Step(JsonElement at, string step)
    {
        if (step is not ['[', .. var digits, ']'])
            return at.ValueKind == JsonValueKind.Object && at.TryGetProperty(step, out var value) ? value : null;
        var index = int.Parse(digits, CultureInfo.InvariantCulture);
        return at.ValueKind == JsonValueKind.Array && index < at.GetArrayLength() ? at[index] : null;
    }
}
