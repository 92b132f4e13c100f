using System.Diagnostics.Metrics;

namespace VmDataset.Worker.Lanes;

/// <summary>Lends lanes: at most <see cref="WorkerOptions.Lanes"/> together, at most <see cref="WorkerOptions.MaxLiveLanes"/> alive, an
/// idle one for the same generator first. Where they are scarce, groups share them.</summary>
public sealed partial class LanePool : IAsyncDisposable
{
    private readonly Zygote _zygote;
    private readonly WorkerOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<LanePool> _logger;
    private readonly FairSemaphore _gate;
    private readonly ITimer _retirement;
    private readonly Meter _meter;
    // The most recently used lane is last: it is the warmest, and the first is the one to retire.
    private readonly List<Lane> _idle = [];
    private readonly bool[] _taken; // processors of the lanes on loan
    private int _busy;
    private bool _closed;

    public LanePool(Zygote zygote, WorkerOptions options, TimeProvider time, ILogger<LanePool> logger)
    {
        (_zygote, _options, _time, _logger) = (zygote, options, time, logger);
        _gate = new FairSemaphore(options.Lanes);
        _taken = new bool[options.Lanes];
        _meter = LaneGauge.Of(this);
        var interval = options.LaneIdleTimeout / 4;
        _retirement = time.CreateTimer(_ => _ = RetireIdleAsync(), null, interval, interval);
    }

    /// <summary>Lanes on loan, and lanes alive, at one moment.</summary>
    public (int Busy, int Live) Count()
    {
        lock (_idle) return (_busy, _idle.Count + _busy);
    }

    internal bool IsWanted => _gate.IsWanted;

    /// <summary>Whether one of several lanes stands idle, or could be started, and nobody waits for it.</summary>
    internal bool HasSpare => _options.Lanes > 1 && !IsWanted && Count().Busy < _options.Lanes;

    /// <summary>Waits for a free place and a lane of this version of the generator and of its parameters.</summary>
    /// <param name="group">The job; empty for the worker itself.</param>
    /// <exception cref="LaneLostException">No lane could be started.</exception>
    public async Task<LaneLease> RentAsync(GeneratorInfo generator, string group = "", CancellationToken cancellationToken = default)
    {
        await _gate.EnterAsync(group, cancellationToken);
        Lane? lane, retired = null;
        int processor;
        lock (_idle)
        {
            // Where it drew before, its memory may still be in the processor's cache.
            lane = _idle.FindLast(idle => IsFor(idle, generator) && !_taken[idle.Processor!.Value])
                ?? _idle.FindLast(idle => IsFor(idle, generator));
            processor = lane?.Processor is { } last && !_taken[last] ? last : Array.IndexOf(_taken, false);
            _taken[processor] = true;
            if (lane is not null) _idle.Remove(lane);
            // Rather than grow beyond the bound, the lane that was idle longest makes room.
            else if (_idle.Count > 0 && _idle.Count + _busy >= _options.MaxLiveLanes)
            {
                retired = _idle[0];
                _idle.RemoveAt(0);
            }

            _busy++;
        }

        try
        {
            if (retired is not null) await retired.DisposeAsync();
            lane ??= await _zygote.SpawnAsync(generator, cancellationToken);
            lane.Processor = processor;
            return new LaneLease(this, group, lane);
        }
        catch
        {
            lock (_idle)
            {
                _busy--;
                _taken[processor] = false;
            }

            _gate.Leave(group);
            throw;
        }
    }

    /// <summary>Waits for a free place, as <see cref="RentAsync"/> does, but for a lane that somebody else has.</summary>
    internal async Task<IDisposable> EnterAsync(string group, CancellationToken cancellationToken)
    {
        await _gate.EnterAsync(group, cancellationToken);
        return new Place(_gate, group);
    }

    public async ValueTask DisposeAsync()
    {
        List<Lane> lanes;
        lock (_idle)
        {
            _closed = true;
            lanes = [.. _idle];
            _idle.Clear();
        }

        _meter.Dispose();
        await _retirement.DisposeAsync();
        foreach (var lane in lanes) await lane.DisposeAsync();
    }

    internal async ValueTask ReturnAsync(Lane lane, string group)
    {
        bool keep;
        lock (_idle)
        {
            _busy--;
            _taken[lane.Processor!.Value] = false;
            keep = !lane.IsLost && !_closed;
            if (keep)
            {
                lane.IdleSince = _time.GetTimestamp();
                _idle.Add(lane);
            }
        }

        if (!keep) await lane.DisposeAsync();
        _gate.Leave(group);
    }

    private static bool IsFor(Lane lane, GeneratorInfo generator) =>
        lane.Generator.Folder == generator.Folder && lane.Generator.Version == generator.Version
        // The proof of reuse holds for one set of parameters.
        && lane.Generator.Binding == generator.Binding;

    private async Task RetireIdleAsync()
    {
        List<Lane> retired;
        lock (_idle)
        {
            retired = _idle.FindAll(lane => _time.GetElapsedTime(lane.IdleSince) >= _options.LaneIdleTimeout);
            _idle.RemoveAll(retired.Contains);
        }

        foreach (var lane in retired) await lane.DisposeAsync();
        if (retired.Count > 0) Log.Retired(_logger, retired.Count);
    }

    private sealed class Place(FairSemaphore gate, string group) : IDisposable
    {
        public void Dispose() => gate.Leave(group);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "Retired {Count} idle lanes")]
        public static partial void Retired(ILogger logger, int count);
    }
}

/// <summary>A lane on loan; dispose it to give it back.</summary>
public readonly struct LaneLease(LanePool pool, string group, Lane lane) : IAsyncDisposable
{
    public Lane Lane => lane;

    public ValueTask DisposeAsync() => pool.ReturnAsync(lane, group);
}
