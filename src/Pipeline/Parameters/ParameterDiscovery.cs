namespace VmDataset.Pipeline.Parameters;

/// <summary>What is known of a generator's parameters.</summary>
/// <param name="Schema">What can be set; null when that is nothing, or not known.</param>
public sealed record ParameterDiscovery(ParameterSchema? Schema, string? Problem);
