using System.Collections.Concurrent;
using System.Text.Json;
using VmDataset.Pipeline.Generators;
using VmDataset.Pipeline.Parameters;

namespace VmDataset.ControlPlane.Tests.Generators;

/// <summary>A runtime that lacks what a test says.</summary>
internal sealed class FakeRuntime : IGeneratorRuntime
{
    public ConcurrentDictionary<string, IReadOnlyList<string>> Missing { get; } = new();

    /// <summary>JSON Schemas by generator.</summary>
    public ConcurrentDictionary<string, string> Parameters { get; } = new();

    /// <summary>Reads of the clock by generator.</summary>
    public ConcurrentDictionary<string, IReadOnlyList<ClockRead>> ClockReads { get; } = new();

    public ConcurrentQueue<string> Asked { get; } = new();

    public string? Uncheckable { get; set; }

    public RuntimeStatus Status { get; set; } = new(null, "Python 3.13", []);

    public Task<RuntimeStatus> GetStatusAsync(CancellationToken cancellationToken = default) => Task.FromResult(Status);

    public Task<IReadOnlyList<string>> MissingModulesAsync(GeneratorInfo generator, CancellationToken cancellationToken = default)
    {
        Asked.Enqueue(generator.Name);
        if (generator.Name == Uncheckable) throw new TimeoutException("No answer came.");
        return Task.FromResult(Missing.GetValueOrDefault(generator.Name, []));
    }

    public Task<IReadOnlyList<string>> OptionalModulesAsync(GeneratorInfo generator, CancellationToken cancellationToken = default) =>
        Task.FromResult<IReadOnlyList<string>>([]);

    public Task<ParameterDiscovery> ParametersAsync(GeneratorInfo generator, CancellationToken cancellationToken = default) =>
        generator.Name == Uncheckable ? Task.FromResult(new ParameterDiscovery(null, $"SyntaxError in {generator.Folder}/src/config.py"))
        : Task.FromResult(new ParameterDiscovery(Parameters.TryGetValue(generator.Name, out var schema) ? ParameterSchema.Read(JsonElement.Parse(schema)) : null, null));

    public Task<IReadOnlyList<ClockRead>?> ClockReadsAsync(GeneratorInfo generator, CancellationToken cancellationToken = default) =>
        generator.Name == Uncheckable ? throw new TimeoutException("No answer came.")
        : Task.FromResult<IReadOnlyList<ClockRead>?>(ClockReads.GetValueOrDefault(generator.Name, []));
}
