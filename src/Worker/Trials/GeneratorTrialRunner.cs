using VmDataset.Worker.Lanes;

namespace VmDataset.Worker.Trials;

/// <summary>
/// Tries the generators that have no result yet, one at a time and only while no lane is needed for a job. A trial on a lane that a job
/// needs is cancelled and repeated later.
/// </summary>
public sealed partial class GeneratorTrialRunner(
    GeneratorCatalog catalog, TrialResultStore checks, GeneratorTrial trial, LanePool lanes, WorkerOptions options, TimeProvider time,
        ILogger<GeneratorTrialRunner> logger)
    : BackgroundService
{
    private const string Group = "checks";

    // The start comes first.
    private static readonly TimeSpan AfterStart = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    // Only another version of these can have another result, so the store is not read for them again.
    private readonly HashSet<(string Name, string Version)> _settled = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.CheckGenerators) return;
        try
        {
            await Task.Delay(AfterStart, time, stoppingToken);
            while (true)
            {
                await RunDueAsync(stoppingToken);
                await Task.Delay(Interval, time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What was not tried is tried after the next start, or by another worker.
        }
    }

    /// <summary>Tries each generator that is due.</summary>
    internal async Task RunDueAsync(CancellationToken stoppingToken)
    {
        try
        {
            List<GeneratorInfo> open = [.. catalog.List()
                .Where(generator => generator.Version.Length > 0 && !_settled.Contains((generator.Name, generator.Version)))];
            if (open.Count == 0) return;
            var known = await checks.ReadAsync(open, stoppingToken);
            var due = open.Where((generator, i) => IsDue(generator, known[i])).ToArray();
            // Workers of a fleet that start together begin at different ends.
            Random.Shared.Shuffle(due);
            foreach (var generator in due) await CheckAsync(generator, stoppingToken);
        }
#pragma warning disable CA1031 // Whatever failed at the store or a folder: nothing waits for this, and the next pass tries again.
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            Log.Failed(logger, exception.Message);
        }
    }

    private bool IsDue(GeneratorInfo generator, GeneratorTrialResult? known)
    {
        if (known is null || known.RetryAt <= time.GetUtcNow()) return true;
        if (known.RetryAt is null) _settled.Add((generator.Name, generator.Version));
        return false;
    }

    private async Task CheckAsync(GeneratorInfo generator, CancellationToken stoppingToken)
    {
        await WaitUntilQuietAsync(stoppingToken);
        // Another worker may have been faster.
        var last = await checks.FindAsync(generator, stoppingToken);
        if (!IsDue(generator, last)) return;
        using var wanted = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var trying = trial.RunAnyAsync(generator, Group, wanted.Token);
        while (!trying.IsCompleted)
        {
            await Task.WhenAny(trying, Task.Delay(PollInterval, time, stoppingToken));
            if (lanes.IsWanted || stoppingToken.IsCancellationRequested) await wanted.CancelAsync();
        }

        try
        {
            var check = await trying;
            if (!check.Passed) check = check with { Tries = last is { Passed: false } ? last.Tries + 1 : 1 };
            await checks.WriteAsync(check, stoppingToken);
            IsDue(generator, check);
            if (check.Passed) Log.Passed(logger, generator.Name, check.Seconds);
            else Log.Unusable(logger, generator.Name, check.Kind, check.Message);
        }
        catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
        {
            // A job needs the lane; the next pass tries again.
        }
    }

    private async Task WaitUntilQuietAsync(CancellationToken stoppingToken)
    {
        for (var quiet = TimeSpan.Zero; quiet < Quiet; quiet += PollInterval)
        {
            if (lanes.Count().Busy > 0) quiet = TimeSpan.Zero;
            await Task.Delay(PollInterval, time, stoppingToken);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "Generator {Name} was tried: it drew a sample in {Seconds} s")]
        public static partial void Passed(ILogger logger, string name, double? seconds);

        [LoggerMessage(2, LogLevel.Warning, "Generator {Name} was tried and failed ({Kind}): {Message}")]
        public static partial void Unusable(ILogger logger, string name, TrialFailure? kind, string? message);

        [LoggerMessage(3, LogLevel.Warning, "Generators cannot be checked now: {Reason}")]
        public static partial void Failed(ILogger logger, string reason);
    }
}
