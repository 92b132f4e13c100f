namespace VmDataset.ControlPlane.Generators;

/// <summary>Where generators read the clock: by the index where there is one, else by the runtime.</summary>
internal sealed class ClockReadDirectory(IGeneratorRuntime? runtime = null)
{
    /// <returns>Null where that is not known.</returns>
    public async Task<IReadOnlyList<ClockRead>?> OfAsync(GeneratorInfo generator, CancellationToken cancellationToken)
    {
        if (generator.ClockReads is { } indexed) return indexed;
        if (runtime is null) return null;
        try
        {
            return await CallProgress.ElsewhereAsync(() => runtime.ClockReadsAsync(generator, cancellationToken));
        }
        // Whatever the reading of one generator meets, the rest of it is to be shown.
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }
}
