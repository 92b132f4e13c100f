using System.Text.Json;

namespace VmDataset.Submission;

/// <summary>What one process measured.</summary>
/// <param name="Seconds">Of each submission; the first pays for compilation and connections.</param>
/// <param name="Messages">How many were to be sent in each.</param>
/// <param name="Expected">Batches of all jobs it sent.</param>
/// <param name="PeakResident">Bytes: the kernel's own peak of the process.</param>
/// <param name="PeakHeap">Bytes: the largest managed heap that was seen.</param>
/// <param name="Allocated">Bytes allocated over its life.</param>
/// <param name="CpuSeconds">Processor time of the process.</param>
internal sealed record Figures(
    IReadOnlyList<double> Seconds, int Messages, long Expected, long PeakResident, long PeakHeap, long Allocated, double CpuSeconds)
{
    public void Print() => Console.WriteLine(JsonSerializer.Serialize(this));

    public static Figures Parse(string line) => JsonSerializer.Deserialize<Figures>(line)!;
}
