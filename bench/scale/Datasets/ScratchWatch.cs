namespace VmDataset.Bench.Scale.Datasets;

/// <summary>The most bytes that lie in a folder from now on, looked at ten times a second.</summary>
internal sealed class ScratchWatch : IDisposable
{
    private readonly string _folder;
    private readonly Timer _timer;

    public ScratchWatch(string folder)
    {
        _folder = folder;
        _timer = new Timer(_ => Read(), null, TimeSpan.Zero, TimeSpan.FromMilliseconds(100));
    }

    public long Peak { get; private set; }

    public void Dispose() => _timer.Dispose();

    private void Read()
    {
        try
        {
            var files = new DirectoryInfo(_folder).EnumerateFiles("*", SearchOption.AllDirectories);
            Peak = Math.Max(Peak, files.Sum(static file => file.Length));
        }
        catch (IOException)
        {
            // A file went while it was measured; the next reading counts.
        }
    }
}
