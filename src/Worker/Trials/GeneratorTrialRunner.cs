using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using VmDataset.Pipeline.Generators;
using VmDataset.Pipeline.Records;
using VmDataset.Worker.Lanes;
using VmDataset.Worker.Options;

namespace VmDataset.Worker.Trials;

/// <summary>
/// Tries the generators that nobody has tried, one at a time and only while no lane is wanted for anything else: jobs go first,
/// and a trial that a job finds on a lane it wants is broken off and made again later.
/// </summary>
public sealed partial class GeneratorTrialRunner(
    GeneratorCatalog catalog, TrialResultStore checks, GeneratorTrial trial, LanePool lanes, WorkerOptions options, TimeProvider time, ILogger<GeneratorTrialRunner> logger)
    : BackgroundService
{
    private const string Group = "checks";

    /// <summary>The start, and whoever waits for it, comes first.</summary>
    private static readonly TimeSpan AfterStart = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan BetweenRounds = TimeSpan.FromSeconds(30);

    // Only another version of these can do better, so nobody needs to be asked about them again.
    private readonly HashSet<(string Name, string Version)> _settled = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.CheckGenerators) return;
        try
        {
            await Task.Delay(AfterStart, time, stoppingToken);
            while (true)
            {
                await RunRoundAsync(stoppingToken);
                await Task.Delay(BetweenRounds, time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What was not tried is tried after the next start, or by another worker.
        }
    }

    /// <summary>Tries each generator that is due.</summary>
    internal async Task RunRoundAsync(CancellationToken stoppingToken)
    {
        try
        {
            List<GeneratorInfo> open = [.. catalog.List().Where(generator => generator.Version.Length > 0 && !_settled.Contains((generator.Name, generator.Version)))];
            if (open.Count == 0) return;
            var known = await checks.ReadAsync(open, stoppingToken);
            var due = open.Where((generator, i) => IsDue(generator, known[i])).ToArray();
            // Workers of a fleet that start together begin at different ends.
            Random.Shared.Shuffle(due);
            foreach (var generator in due) await CheckAsync(generator, stoppingToken);
        }
#pragma warning disable CA1031 // Whatever the store or a folder met: nothing waits for this, and the next round tries again.
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
            await Task.WhenAny(trying, Task.Delay(Look, time, stoppingToken));
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
            // A job wants the lane; the next round tries again.
        }
    }

    private async Task WaitUntilQuietAsync(CancellationToken stoppingToken)
    {
        for (var quiet = TimeSpan.Zero; quiet < Quiet; quiet += Look)
        {
            if (lanes.Count().Busy > 0) quiet = TimeSpan.Zero;
            await Task.Delay(Look, time, stoppingToken);
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
