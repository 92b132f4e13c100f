using VmDataset.Pipeline.Ranges;

namespace VmDataset.Pipeline.Datasets;

/// <summary>Which of a job's samples belong to its dataset.</summary>
/// <param name="ByGenerator">Per generator, the indices.</param>
public sealed record Selection(IReadOnlyDictionary<string, RangeSet> ByGenerator)
{
    public RangeSet Of(string generator) => ByGenerator.GetValueOrDefault(generator, RangeSet.Empty);

    public long SampleCount => ByGenerator.Values.Sum(static indices => indices.SampleCount);
}
