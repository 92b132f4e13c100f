namespace VmDataset.Worker.Hosting;

/// <summary>Ends a process whose stop takes longer than it may, whatever hangs: its leases come back, and its Python processes end with it.
/// A second signal ends it immediately.</summary>
public sealed partial class ShutdownBound : IDisposable
{
    // Some supervisors send one signal twice, to the process and to its group.
    private static readonly TimeSpan SameSignal = TimeSpan.FromSeconds(1);

    private readonly ILoggerFactory _log;
    private readonly TimeProvider _time;
    private readonly Action<int> _exit;
    private readonly ITimer _timer;
    private readonly CancellationTokenRegistration _stopping;
    private readonly List<PosixSignalRegistration> _signals;
    private long _firstSignal;
    private int _ending;

    private ShutdownBound(IHost host, TimeSpan bound, Action<int> exit)
    {
        _exit = exit;
        _log = host.Services.GetRequiredService<ILoggerFactory>();
        _time = host.Services.GetRequiredService<TimeProvider>();
        _timer = _time.CreateTimer(_ => End(1, $"The stop took longer than {bound.TotalSeconds:0} s"), null, Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
        _stopping = host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(
            () => _timer.Change(bound, Timeout.InfiniteTimeSpan));
        _signals = [PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal)];
    }

    /// <summary>Holds until disposed, which is to be after the host is.</summary>
    public static ShutdownBound Watch(IHost host, ProcessOptions options) => Watch(host, options, Environment.Exit);

    internal static ShutdownBound Watch(IHost host, ProcessOptions options, Action<int> exit) =>
        new(host, TimeSpan.FromSeconds(options.ShutdownSeconds), exit);

    public void Dispose()
    {
        _signals.ForEach(static signal => signal.Dispose());
        _stopping.Dispose();
        _timer.Dispose();
    }

    private void OnSignal(PosixSignalContext signal)
    {
        if (Interlocked.CompareExchange(ref _firstSignal, _time.GetTimestamp(), 0) is not 0 and var first
            && _time.GetElapsedTime(first) > SameSignal)
            End(signal.Signal == PosixSignal.SIGINT ? 130 : 143, "A second signal came");
    }

    internal void End(int code, string reason)
    {
        // Further signals, and the bound itself, may come while the process is ending.
        if (Interlocked.Exchange(ref _ending, 1) != 0) return;
        Log.Ending(_log.CreateLogger<ShutdownBound>(), reason);
        // The console writes behind its callers' backs; it is through when disposed.
        _log.Dispose();
        _exit(code);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Critical, "{Reason}: the process ends as it is, and messages in work are left to their leases")]
        public static partial void Ending(ILogger logger, string reason);
    }
}
