namespace VmDataset.Worker.Samples;

/// <summary>Puts parameters into a generator's own terms, by what its source here says: the API may have seen another version.</summary>
public sealed class ParameterBinder(IGeneratorRuntime runtime)
{
    /// <returns>The generator with its parameters, or null and the reason why it does not take them.</returns>
    public async Task<(GeneratorInfo? Generator, string? Refusal)> BindAsync(
        GeneratorInfo generator, ParameterSet parameters, CancellationToken cancellationToken = default)
    {
        var (schema, problem) = await runtime.ParametersAsync(generator, cancellationToken);
        if (schema is null)
            return (null, problem is null ? "The generator takes no parameters."
                : $"It is not known which parameters the generator takes: {problem}");
        try
        {
            return (generator with { Binding = schema.Bind(parameters) }, null);
        }
        catch (ArgumentException refusal)
        {
            return (null, refusal.Message);
        }
    }
}
