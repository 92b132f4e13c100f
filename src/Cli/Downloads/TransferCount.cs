namespace VmDataset.Cli.Downloads;

/// <summary>Counts files and bytes while several threads fetch.</summary>
/// <param name="total">Bytes of the dataset; null where the API does not tell.</param>
internal sealed class TransferCount(long? total)
{
    private readonly Stopwatch _since = Stopwatch.StartNew();
    private long _present;
    private long _received;
    private long _files;

    public long Files => Interlocked.Read(ref _files);

    /// <summary>Bytes that are there, whenever they came.</summary>
    public long Bytes => Interlocked.Read(ref _present) + Received;

    public long Received => Interlocked.Read(ref _received);

    public long? Total => total;

    /// <summary>Bytes a second since the start.</summary>
    public double Rate => Received / Math.Max(0.001, _since.Elapsed.TotalSeconds);

    /// <summary>Seconds that the rest will take at the rate so far; null as long as that cannot be told.</summary>
    public double? SecondsLeft =>
        total is { } all && Received > 0 && _since.Elapsed.TotalSeconds >= 1 ? Math.Max(0, all - Bytes) / Rate : null;

    public void AddPresent(long bytes) => Interlocked.Add(ref _present, bytes);

    public void AddReceived(long bytes) => Interlocked.Add(ref _received, bytes);

    public void AddFile() => Interlocked.Increment(ref _files);
}
