namespace VmDataset.Pipeline.Parameters;

/// <summary>A job's parameters in a generator's own terms.</summary>
/// <param name="Parameters">What the job set.</param>
/// <param name="Arguments">For the end of the command line.</param>
/// <param name="Config">Values for fields of the generator's configuration class; null for none.</param>
public sealed record ParameterBinding(ParameterSet Parameters,
    IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, JsonElement>? Config)
{
    public bool Equals(ParameterBinding? other) => other?.Parameters == Parameters;

    public override int GetHashCode() => Parameters.GetHashCode();
}
