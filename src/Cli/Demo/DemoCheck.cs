namespace VmDataset.Cli.Demo;

/// <summary>Looks for every file that the demo's dataset must have.</summary>
internal static class DemoCheck
{
    private static readonly string[] OfSample = ["first_frame.png", "final_frame.png", "ground_truth.mp4", "prompt.txt", "metadata.json"];
    private static readonly string[] OfDataset = ["metadata.jsonl", "metadata.parquet", "README.md", "croissant.json", "SHA256SUMS"];

    public static IReadOnlyList<string> Problems(string folder, IReadOnlyList<string> generators, int samples) =>
        [.. generators.SelectMany(generator => OfGenerator(Path.Combine(folder, generator), generator, samples)),
            .. Missing(folder, OfDataset)];

    private static IEnumerable<string> OfGenerator(string folder, string generator, int expected)
    {
        var samples = !Directory.Exists(folder) ? [] : Directory.EnumerateDirectories(folder, "*_task")
            .SelectMany(Directory.EnumerateDirectories).Order(StringComparer.Ordinal).ToArray();
        if (samples.Length != expected) yield return $"{generator} has {samples.Length} samples instead of {expected}";
        foreach (var problem in samples.SelectMany(static sample => Missing(sample, OfSample))) yield return problem;
    }

    private static IEnumerable<string> Missing(string folder, string[] names) => names.Select(name => Path.Combine(folder, name))
        .Where(static path => !File.Exists(path)).Select(static path => $"{path} is missing");
}
