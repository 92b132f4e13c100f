using VmDataset.Pipeline.Jobs;
using VmDataset.Worker.Samples;

namespace VmDataset.Worker.Tests.Samples;

internal static class SampleOpening
{
    /// <summary>Opens one file of a sample, and its folder for that.</summary>
    public static SampleFile Open(this Sample sample, SampleFileRecord file)
    {
        using var folder = sample.OpenFolder();
        return sample.Open(folder, file);
    }
}
