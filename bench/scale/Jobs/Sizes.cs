using VmDataset.Bench.Fabrication;
using VmDataset.Pipeline.Jobs;

namespace VmDataset.Bench.Scale.Jobs;

/// <param name="Generators">Generators of each job.</param>
/// <param name="Samples">Samples of each generator.</param>
/// <param name="BatchSize">Samples of each batch.</param>
/// <param name="Failing">Samples of the failed job that failed for good.</param>
internal sealed record Sizes(int Generators, int Samples, int BatchSize, int Failing)
{
    public Job Job(string id) => FabricatedJob.Of(Generators, Samples, BatchSize, OutputFormat.Files, id);
}
