using VmDataset.Pipeline.Parameters;

namespace VmDataset.Pipeline.Generators;

/// <summary>What can run generators here. Absent where the API runs alone.</summary>
public interface IGeneratorRuntime
{
    /// <summary>Whether generators can run, and if not, why.</summary>
    Task<RuntimeStatus> GetStatusAsync(CancellationToken cancellationToken = default);

    /// <summary>Modules that the generator needs and that the interpreter lacks.</summary>
    Task<IReadOnlyList<string>> MissingModulesAsync(GeneratorInfo generator, CancellationToken cancellationToken = default);

    /// <summary>Modules that it imports where its author may have provided for their absence, and that the interpreter lacks.</summary>
    Task<IReadOnlyList<string>> OptionalModulesAsync(GeneratorInfo generator, CancellationToken cancellationToken = default);

    /// <summary>What can be set of the generator, read from its source.</summary>
    Task<ParameterDiscovery> ParametersAsync(GeneratorInfo generator, CancellationToken cancellationToken = default);

    /// <summary>Where the generator's source reads the clock; null if the source cannot be read.</summary>
    Task<IReadOnlyList<ClockRead>?> ClockReadsAsync(GeneratorInfo generator, CancellationToken cancellationToken = default);
}

/// <param name="Problem">Why no generator can run; null when they can.</param>
/// <param name="Python">The interpreter's path and version, where there is one.</param>
/// <param name="MissingModules">Usual modules (numpy, PIL, cv2, pydantic) that the interpreter lacks.</param>
public sealed record RuntimeStatus(string? Problem, string? Python, IReadOnlyList<string> MissingModules)
{
    /// <summary>How generators are confined; null while that is not known.</summary>
    public SandboxStatus? Sandbox { get; init; }

    /// <summary>Why no video can be conformed, as a sentence; null when one can, and while that is not known.</summary>
    public string? ConformingProblem { get; init; }
}
