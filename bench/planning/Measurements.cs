using System.Text.Json;
using VmDataset.Pipeline.Json;
using VmDataset.Pipeline.Planning;

namespace VmDataset.Bench.Planning;

/// <summary>What samples of the built-in generators take.</summary>
internal static class Measurements
{
    private const int BuiltIn = 8;

    /// <summary>Records of a server's store.</summary>
    public static IReadOnlyList<PlannedGenerator> Read(string folder) => [.. Directory.GetFiles(folder, "*.json")
        .Order(StringComparer.Ordinal).Select(static path => new PlannedGenerator(Path.GetFileNameWithoutExtension(path),
            JsonSerializer.Deserialize<GeneratorCalibration>(File.ReadAllText(path), WireJson.Options)!))];

    /// <summary>Eight generators of which nothing is known.</summary>
    public static IReadOnlyList<PlannedGenerator> Average() =>
        [.. Enumerable.Range(1, BuiltIn).Select(static i => new PlannedGenerator($"average-{i}", GeneratorCalibration.Default))];
}
