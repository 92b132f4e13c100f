namespace VmDataset.Pipeline.Planning;

/// <summary>
/// A discrete-event simulation of a job on a fleet: the mapping's ramp, cold starts, lanes, the hand-over before the deadline, failed
/// samples, redelivery, throttles, and the PUTs that one partition of a bucket takes. The same input and seed give the same result.
/// </summary>
public sealed class FleetSimulator
{
    // The worker's own: time kept for publishing before the deadline, and the lease after which a dead worker's message comes back.
    private const double HandOverMargin = 20;
    private const double LeaseSeconds = 60;
    private const int MaxAttempts = 3;

    // Files under way at once hide shorter waits.
    private const double HiddenPutWait = 0.05;

    private readonly Fleet _fleet;
    private readonly SimulationOptions _options;
    private readonly Random _random;
    private readonly MappingRamp _ramp;
    private readonly IReadOnlyList<SimulatedWork> _work;
    private readonly int[] _unit;
    private readonly PriorityQueue<SimulatedEvent, double> _events = new();
    private readonly Queue<SimulatedMessage> _pending = new();
    private readonly Stack<SimulatedFunction> _warm = new();

    private double _now, _endedAt, _functionSeconds, _putsFreeAt, _putWait;
    private long _finished, _dead, _messages, _invocations, _throttles, _handOvers, _redeliveries;
    private int _running, _peak, _coldStarts;
    private double _wakeAt = double.PositiveInfinity;

    private FleetSimulator(IReadOnlyList<SimulatedWork> work, Fleet fleet, SimulationOptions options)
    {
        (_work, _fleet, _options) = (work, fleet, options);
        (_random, _ramp) = (new Random(options.Seed), new MappingRamp(fleet));
        var perEvent = Math.Max(1, work.Sum(static each => (long)each.Samples) / Math.Max(1, options.MaxEvents));
        // A lane draws eight units of a message or more, so that its end is no coarser than that of single samples.
        _unit = [.. work.Select(each => (int)Math.Clamp(perEvent, 1, Math.Max(1, each.BatchSize / (8 * fleet.Lanes))))];
    }

    /// <summary>Runs a job whose messages are all on the queue at second 0.</summary>
    /// <param name="work">One part a generator; their batches take turns.</param>
    /// <param name="fleet">The functions and their mapping.</param>
    /// <param name="options">The rest; null for the defaults.</param>
    /// <exception cref="ArgumentException">There is no work.</exception>
    public static SimulationResult Run(IReadOnlyList<SimulatedWork> work, Fleet fleet, SimulationOptions? options = null)
    {
        if (work.Count == 0) throw new ArgumentException("work is empty; allowed: one part or more.", nameof(work));
        return new FleetSimulator(work, fleet, options ?? new SimulationOptions()).Run();
    }

    private SimulationResult Run()
    {
        foreach (var message in Batches()) Send(message);
        StartMessages();
        while (_events.TryDequeue(out var each, out var at))
        {
            _now = at;
            switch (each.Kind)
            {
                case EventKind.Drawn: Drawn(each); break;
                case EventKind.LaneFree: DrawNext(each.Function!); break;
                case EventKind.LaneIdle: LaneIdle(each.Function!); break;
                case EventKind.Ended: End(each.Function!); break;
                case EventKind.Visible: _pending.Enqueue(each.Message); break;
                case EventKind.Wake: _wakeAt = double.PositiveInfinity; break;
                default: throw new InvalidOperationException($"Unknown event {each.Kind}.");
            }

            StartMessages();
        }

        return new SimulationResult
        {
            Seconds = _endedAt,
            FunctionSeconds = _functionSeconds,
            Finished = _finished,
            Dead = _dead,
            Messages = _messages,
            Invocations = _invocations,
            ColdStarts = _coldStarts,
            PeakConcurrency = _peak,
            Throttles = _throttles,
            HandOvers = _handOvers,
            Redeliveries = _redeliveries,
            PutWaitSeconds = _putWait,
        };
    }

    /// <summary>Generators take turns, as in a dispatch.</summary>
    private IEnumerable<SimulatedMessage> Batches()
    {
        for (var start = 0L; ; start++)
        {
            var any = false;
            for (var i = 0; i < _work.Count; i++)
            {
                var first = start * _work[i].BatchSize;
                if (first >= _work[i].Samples) continue;
                any = true;
                yield return new SimulatedMessage(i, (int)Math.Min(_work[i].BatchSize, _work[i].Samples - first));
            }

            if (!any) yield break;
        }
    }

    private void Send(SimulatedMessage message)
    {
        _messages++;
        _pending.Enqueue(message);
    }

    private void StartMessages()
    {
        while (_pending.Count > 0)
        {
            if (_running >= _ramp.At(_now))
            {
                WakeWhenMoreMayRun();
                return;
            }

            var message = _pending.Dequeue();
            message = message with { Receives = message.Receives + 1 };
            if (message.Receives > _fleet.MaxReceives) _dead += message.Samples;
            else if (_running >= _fleet.AccountConcurrency) Throttle(message);
            else Start(message);
        }
    }

    private void WakeWhenMoreMayRun()
    {
        if (_ramp.When(_running + 1) is not { } at || at >= _wakeAt) return;
        _wakeAt = Math.Max(at, _now);
        _events.Enqueue(new SimulatedEvent(EventKind.Wake), _wakeAt);
    }

    private void Throttle(SimulatedMessage message)
    {
        _throttles++;
        _ramp.Throttle(_now, _running);
        _events.Enqueue(new SimulatedEvent(EventKind.Visible, Message: message), _now + _fleet.VisibilitySeconds);
    }

    private void Start(SimulatedMessage message)
    {
        var first = _now + (_options.MessageCpuSeconds / Math.Min(1, _fleet.Cpus)) + (_options.MessageWaitSeconds / 2);
        if (!_warm.TryPop(out var function))
        {
            function = new SimulatedFunction();
            first += _options.ColdStartSeconds;
            _coldStarts++;
        }

        _invocations++;
        _peak = Math.Max(_peak, ++_running);
        function.Start(message, _now, _now + _fleet.TimeoutSeconds - HandOverMargin, _random.NextDouble() < _options.CrashShare);
        function.BusyLanes = _fleet.Lanes;
        for (var lane = 0; lane < _fleet.Lanes; lane++) _events.Enqueue(new SimulatedEvent(EventKind.LaneFree, function), first);
    }

    private void DrawNext(SimulatedFunction function)
    {
        var work = _work[function.Message.Work];
        var samples = Math.Min(_unit[function.Message.Work], function.Left);
        if (samples == 0 || _now >= function.HaltAt || (function.Crashes && function.Done >= function.Message.Samples / 2))
        {
            LaneIdle(function);
            return;
        }

        var (seconds, failed) = (0.0, 0);
        for (var i = 0; i < samples; i++)
        {
            var sample = work.Time.Draw(_random) / _fleet.LaneSpeed;
            var timedOut = sample > _fleet.SampleTimeoutSeconds;
            seconds += timedOut ? _fleet.SampleTimeoutSeconds : sample;
            if (timedOut || (work.FailureShare > 0 && _random.NextDouble() < work.FailureShare)) failed++;
        }

        if (_now + seconds > function.HaltAt)
        {
            // In work at the halt: the sample is handed over with the rest.
            _events.Enqueue(new SimulatedEvent(EventKind.LaneIdle, function), function.HaltAt);
            return;
        }

        function.Left -= samples;
        _events.Enqueue(new SimulatedEvent(EventKind.Drawn, function, Samples: samples, Failed: failed), _now + seconds);
    }

    private void Drawn(SimulatedEvent each)
    {
        var function = each.Function!;
        function.Finish(each.Samples, each.Failed);
        var puts = _work[function.Message.Work].PutsPerSample * (each.Samples - each.Failed);
        if (puts > 0)
        {
            _putsFreeAt = Math.Max(_putsFreeAt, _now) + (puts / _options.PutsPerSecond);
            if (_putsFreeAt - _now > HiddenPutWait)
            {
                _putWait += _putsFreeAt - _now;
                _events.Enqueue(new SimulatedEvent(EventKind.LaneFree, function), _putsFreeAt);
                return;
            }
        }

        DrawNext(function);
    }

    private void LaneIdle(SimulatedFunction function)
    {
        if (--function.BusyLanes > 0) return;
        var upload = function.Done * _work[function.Message.Work].ShardBytesPerSample / _options.UploadBytesPerSecond;
        _events.Enqueue(new SimulatedEvent(EventKind.Ended, function), _now + upload + (_options.MessageWaitSeconds / 2));
    }

    private void End(SimulatedFunction function)
    {
        _running--;
        _endedAt = _now;
        _functionSeconds += _now - function.StartedAt;
        var message = function.Message;
        if (function.Crashes)
        {
            // Nothing of it has a manifest; the environment is lost with it.
            _redeliveries++;
            _events.Enqueue(new SimulatedEvent(EventKind.Visible, Message: message), _now + LeaseSeconds);
            return;
        }

        _warm.Push(function);
        _finished += function.Done;
        foreach (var run in function.FailedRuns) SendOn(message with { Samples = run, Receives = 0 });
        var left = function.Left;
        if (left == 0) return;
        _handOvers++;
        // A message of which nothing at all could be done is not handed over for ever.
        var rest = message with { Samples = left, Receives = 0 };
        if (function.Done == 0 && function.FailedRuns.Count == 0) SendOn(rest);
        else Send(rest);
    }

    private void SendOn(SimulatedMessage message)
    {
        if (message.Attempt >= MaxAttempts) _dead += message.Samples;
        else Send(message with { Attempt = message.Attempt + 1 });
    }
}
