using System.Diagnostics;

namespace VmDataset.Bench.Datasets;

/// <summary>The most memory and temporary disk that this process takes from now on, read ten times a second.</summary>
internal sealed class Usage : IDisposable
{
    private readonly string _folder;
    private readonly Timer _timer;
    private readonly TimeSpan _before = Environment.CpuUsage.TotalTime;

    public Usage(string folder)
    {
        _folder = folder;
        _timer = new Timer(_ => Read(), null, TimeSpan.Zero, TimeSpan.FromMilliseconds(100));
    }

    public long PeakMemory { get; private set; }

    public long PeakDisk { get; private set; }

    public double ProcessorSeconds() => (Environment.CpuUsage.TotalTime - _before).TotalSeconds;

    public void Dispose() => _timer.Dispose();

    private void Read()
    {
        using var process = Process.GetCurrentProcess();
        PeakMemory = Math.Max(PeakMemory, process.WorkingSet64);
        try
        {
            var files = new DirectoryInfo(_folder).EnumerateFiles("*", SearchOption.AllDirectories);
            PeakDisk = Math.Max(PeakDisk, files.Sum(static file => file.Length));
        }
        catch (IOException)
        {
            // A file went while it was measured; the next reading counts.
        }
    }
}
