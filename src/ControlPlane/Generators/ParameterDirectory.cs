namespace VmDataset.ControlPlane.Generators;

/// <summary>What can be set of generators: by the index where there is one, else by the runtime.</summary>
internal sealed class ParameterDirectory(IGeneratorRuntime? runtime = null)
{
    private static readonly ParameterDiscovery Unknown = new(null, "This server has neither Python nor an index of generators.");

    public async Task<ParameterDiscovery> OfAsync(GeneratorInfo generator, CancellationToken cancellationToken)
    {
        if (generator.Parameters is { } indexed) return indexed;
        if (runtime is null) return Unknown;
        try
        {
            var found = await CallProgress.ElsewhereAsync(() => runtime.ParametersAsync(generator, cancellationToken));
            return found with { Problem = found.Problem?.Replace(generator.Folder, generator.Name, StringComparison.Ordinal) };
        }
#pragma warning disable CA1031 // Whatever the reading of one generator meets, it is told where it is asked for.
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            return new ParameterDiscovery(null, exception.Message);
        }
    }
}
