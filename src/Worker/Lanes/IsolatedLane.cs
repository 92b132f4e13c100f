namespace VmDataset.Worker.Lanes;

/// <summary>Draws again samples whose lane was lost, one at a time and under a generator host of their own. A sample that loses this lane
/// too has ended its supervisor or the host; its siblings only lost their lanes by it.</summary>
public sealed partial class IsolatedLane(LanePool lanes, WorkerOptions options, ILogger<Zygote> logger) : IDisposable
{
    private readonly SemaphoreSlim _alone = new(1, 1);
    private Zygote? _host;
    private int _waiting;

    /// <summary>As <see cref="Lane.DrawAsync"/>, in a process forked for this sample.</summary>
    /// <returns>Null when the sample has ended its supervisor again.</returns>
    /// <exception cref="LaneLostException">The lane could not be started.</exception>
    internal async Task<DrawResult?> DrawAsync(
        GeneratorInfo generator, string work, int seed, TimeSpan timeout, VideoSpec? video, string group,
        CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _waiting);
        try
        {
            await _alone.WaitAsync(cancellationToken);
        }
        catch
        {
            Interlocked.Decrement(ref _waiting);
            throw;
        }

        try
        {
            using var place = await lanes.EnterAsync(group, cancellationToken);
            Log.DrawnAgain(logger, generator.Name, seed);
            await using var lane = await (_host ??= new Zygote(options, logger)).SpawnAsync(generator, cancellationToken);
            try
            {
                return await lane.DrawAsync(work, seed, timeout, DrawReuse.None, video, cancellationToken);
            }
            catch (LaneLostException lost) when (!lost.CannotStart)
            {
                return null;
            }
        }
        finally
        {
            // It holds the memory of a whole interpreter, and such samples are rare.
            if (Interlocked.Decrement(ref _waiting) == 0 && Interlocked.Exchange(ref _host, null) is { } host) await host.DisposeAsync();
            _alone.Release();
        }
    }

    public void Dispose() => _alone.Dispose();

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Generator {Name}: the lane that drew seed {Seed} was lost; it is drawn again alone")]
        public static partial void DrawnAgain(ILogger logger, string name, int seed);
    }
}
