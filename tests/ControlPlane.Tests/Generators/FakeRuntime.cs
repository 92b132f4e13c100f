using System.Collections.Concurrent;
using VmDataset.Pipeline.Generators;

namespace VmDataset.ControlPlane.Tests.Generators;

/// <summary>A runtime that lacks what a test says.</summary>
internal sealed class FakeRuntime : IGeneratorRuntime
{
    public ConcurrentDictionary<string, IReadOnlyList<string>> Missing { get; } = new();

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
}
