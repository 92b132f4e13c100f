using System.Diagnostics;

namespace VmDataset.Submission;

/// <summary>Looks at the managed heap every 10 ms; the peak of the resident memory is the kernel's own.</summary>
internal sealed class MemoryWatch : IDisposable
{
    private readonly Timer _timer;
    private long _peak;

    public MemoryWatch() => _timer = new Timer(_ => _peak = Math.Max(_peak, GC.GetTotalMemory(false)), null, 0, 10);

    public Figures Figures(IReadOnlyList<double> seconds, int messages, long expected)
    {
        using var self = Process.GetCurrentProcess();
        return new Figures(seconds, messages, expected, self.PeakWorkingSet64, _peak, GC.GetTotalAllocatedBytes(),
            self.TotalProcessorTime.TotalSeconds);
    }

    public void Dispose() => _timer.Dispose();
}
