using VmDataset.Pipeline.Json;
using VmDataset.Pipeline.Parameters;
using VmDataset.Pipeline.Settings;

namespace VmDataset.Pipeline.Generators;

/// <summary>An index file's generators: on AWS the control plane accepts jobs for generators that only the worker's image holds.</summary>
public sealed class GeneratorIndex : IGeneratorCatalog
{
    private static readonly ParameterDiscovery Unknown =
        new(null, "The index of generators was made without Python, or by an earlier version.");

    private readonly IReadOnlyList<GeneratorInfo> _generators;

    private GeneratorIndex(IReadOnlyList<GeneratorInfo> generators) => _generators = generators;

    public static byte[] Write(IEnumerable<GeneratorInfo> generators) => JsonSerializer.SerializeToUtf8Bytes(
        new IndexFile([.. generators.Select(static generator => new IndexEntry(
            generator.Name, generator.Version, generator.ShownProblem, generator.Description, generator.Domain, generator.Flags,
            generator.Commit, generator.Repository, generator.Parameters, generator.Entry, generator.Check,
            generator.ClockReads, generator.Category))]), WireJson.Options);

    /// <exception cref="StartUpException">The file is not an index.</exception>
    public static GeneratorIndex Read(string path)
    {
        try
        {
            var file = JsonSerializer.Deserialize<IndexFile>(File.ReadAllBytes(path), WireJson.Options);
            if (file?.Generators is null) throw new JsonException("it has no field 'generators'.");
            if (file.Generators.Any(static entry => entry?.Name is null || entry.Version is null)) throw new JsonException(
                "an element of 'generators' has no name or version.");
            return new GeneratorIndex([.. file.Generators.OrderBy(static entry => entry.Name, StringComparer.Ordinal)
                .Select(static entry => new GeneratorInfo
            {
                Name = entry.Name,
                Folder = entry.Name,
                Version = entry.Version,
                Problem = entry.Problem,
                Description = entry.Description,
                Domain = entry.Domain,
                Flags = entry.Flags ?? [],
                Commit = entry.Commit,
                Repository = entry.Repository,
                Parameters = entry.Parameters ?? Unknown,
                Entry = entry.Entry ?? GeneratorCatalog.EntryScript,
                Check = entry.Check,
                ClockReads = entry.ReadsClock,
                Category = entry.Category,
            })]);
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new StartUpException(
                $"GENERATORS_INDEX is '{path}', which cannot be read ({exception.Message}); allowed: a file made by 'Worker index <folder>'.", exception);
        }
    }

    public IReadOnlyList<GeneratorInfo> List() => _generators;

    public GeneratorInfo? Find(string name) => _generators.FirstOrDefault(generator => generator.Name == name);

    private sealed record IndexFile(IReadOnlyList<IndexEntry> Generators);

    private sealed record IndexEntry(
        string Name, string Version, string? Problem, string? Description, string? Domain, IReadOnlyList<string>? Flags,
        string? Commit, string? Repository, ParameterDiscovery? Parameters, string? Entry = null, GeneratorTrialResult? Check = null,
        IReadOnlyList<ClockRead>? ReadsClock = null, string? Category = null);
}
