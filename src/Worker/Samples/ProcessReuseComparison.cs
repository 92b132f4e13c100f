using VmDataset.Worker.Lanes;

namespace VmDataset.Worker.Samples;

/// <summary>Some seeds drawn one after another in one process, and each in a process of its own, must give the same bytes.</summary>
public sealed partial class ProcessReuseComparison(LanePool lanes, WorkerOptions options, ILogger<ProcessReuseComparison> logger)
{
    // Any seeds will do; five catch state that shows only after some samples, such as a small cache that fills. The second row is for
    // generators that fail at a seed of the first.
    private static readonly int[][] Seeds =
    [
        [1_000_003, 2_000_003, 3_000_017, 4_000_037, 1_000_003],
        [5_000_011, 6_000_007, 7_000_009, 8_000_009, 5_000_011],
    ];
    private const string Differs = "samples differ from those drawn in processes of their own";
    private static long _next;

    private readonly SampleOutputReader _reader = new(options.MaxSampleBytes);

    /// <summary>Draws on one lane at a time, or on a second one where <paramref name="second"/> gives a place for it.</summary>
    /// <returns>What the samples may share; null when that could be otherwise on a machine that was not short of time or memory.</returns>
    /// <exception cref="LaneLostException">No lane can be had.</exception>
    internal async Task<ReuseFinding?> DrawAsync(
        GeneratorInfo generator, TimeSpan timeout, Func<IDisposable?> second, CancellationToken cancellationToken)
    {
        foreach (var seeds in Seeds)
        {
            var run = new Run(generator, seeds, timeout);
            if (await DrawAsync(run, second, cancellationToken) is var finding && (finding is not null || !run.FailedByItself))
                return finding;
        }

        return null;
    }

    private async Task<ReuseFinding?> DrawAsync(Run run, Func<IDisposable?> second, CancellationToken cancellationToken)
    {
        var work = Path.Combine(options.ScratchDir, "proofs", $"{Interlocked.Increment(ref _next)}");
        // The first draw that fails ends the proof, and with it what is drawn beside.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            using var place = second();
            var reused = DrawAllAsync(run, Path.Combine(work, "reused"), DrawReuse.ModulesAtOnce, run.Seeds, stop);
            if (place is null && await reused is null) return null;
            var fresh = DrawAllAsync(run, Path.Combine(work, "fresh"), DrawReuse.None, run.Seeds[1..^1], stop);
            await Task.WhenAll(reused, fresh);
            if (await reused is not { } inOneProcess || await fresh is not { } alone) return null;
            if (await AreSameAsync(run, work, inOneProcess, alone, stop) is not { } same) return null;
            var last = inOneProcess[^1];
            if (same) return new ReuseFinding(true, last.Kept, last.Kept ? null : last.ImportedBecause);
            if (!inOneProcess.Any(static draw => draw.Kept)) return new ReuseFinding(false, false, Differs);

            // The modules may be why.
            var imported = await DrawAllAsync(run, Path.Combine(work, "imported"), DrawReuse.Process, run.Seeds, stop);
            if (imported is null) return null;
            return await AreSameAsync(run, work, imported, alone, stop) is { } right ? new ReuseFinding(right, false, Differs) : null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
        finally
        {
            Scratch.Delete(work);
        }
    }

    private async Task<bool?> AreSameAsync(Run run, string work, Draw[] inOneProcess, Draw[] alone, CancellationTokenSource stop)
    {
        if (AreEqual(inOneProcess, alone, static draw => draw.Digest)) return true;
        if (!AreEqual(inOneProcess, alone, static draw => draw.Fingerprint)) return false;
        // Metadata that differs between processes of one sample too, as by a path, says nothing about reuse.
        var again = await DrawAllAsync(run, Path.Combine(work, "again"), DrawReuse.None, run.Seeds[1..^1], stop);
        return again is null ? null : !again.Select(static draw => draw.Digest).SequenceEqual(alone.Select(static draw => draw.Digest));
    }

    private static bool AreEqual(Draw[] inOneProcess, Draw[] alone, Func<Draw, string> part) =>
        inOneProcess.Skip(1).Take(alone.Length).Select(part).SequenceEqual(alone.Select(part))
            && part(inOneProcess[0]) == part(inOneProcess[^1]);

    /// <summary>What was drawn. Null when a draw failed: what the process was like after it says nothing about its reuse.</summary>
    private async Task<Draw[]?> DrawAllAsync(Run run, string work, DrawReuse reuse, int[] seeds, CancellationTokenSource stop)
    {
        var generator = run.Generator;
        var results = new DrawResult[seeds.Length];
        try
        {
            // Nothing is read while the lane is held: reading may take long, and others want the lane.
            await using var loan = await lanes.RentAsync(generator, cancellationToken: stop.Token);
            for (var i = 0; i < seeds.Length; i++)
            {
                var result = results[i] =
                    await loan.Lane.DrawAsync(Path.Combine(work, $"{i}"), seeds[i], run.Timeout, reuse, video: null, stop.Token);
                if (result.Status == "ok") continue;
                // Whatever else is cancelled by this, the first failure is the proof's.
                if (!stop.IsCancellationRequested) run.FailedByItself = result.Status is "raised" or "exited";
                Log.Failed(logger, generator.Name, seeds[i], result.Status!);
                await stop.CancelAsync();
                return null;
            }
        }
        catch (LaneLostException lost) when (!lost.CannotStart)
        {
            Log.Failed(logger, generator.Name, seeds[0], lost.Message);
            await stop.CancelAsync();
            return null;
        }

        return await ReadAllAsync(work, seeds, results, stop.Token);
    }

    private async Task<Draw[]> ReadAllAsync(string work, int[] seeds, DrawResult[] results, CancellationToken cancellationToken)
    {
        var draws = new Draw[seeds.Length];
        for (var i = 0; i < seeds.Length; i++)
        {
            var drawn = Path.Combine(work, $"{i}");
            try
            {
                var sample = await _reader.ReadAsync(Path.Combine(drawn, "out"), drawn, 0, seeds[i], 0, cancellationToken)
                    .WaitAsync(cancellationToken);
                draws[i] = new Draw(sample.Record.Fingerprint, sample.Digest, results[i].Kept, results[i].ImportedBecause);
            }
            catch (InvalidSampleException invalid)
            {
                draws[i] = new Draw(invalid.Kind.ToString(), invalid.Kind.ToString(), results[i].Kept, results[i].ImportedBecause);
            }
        }

        return draws;
    }

    private sealed record Run(GeneratorInfo Generator, int[] Seeds, TimeSpan Timeout)
    {
        /// <summary>Whether a draw ended the proof by an error of the generator's, which may depend on the seed.</summary>
        public bool FailedByItself { get; set; }
    }

    /// <summary>A sample, or by both values the way in which its seed was refused.</summary>
    private sealed record Draw(string Fingerprint, string Digest, bool Kept, string? ImportedBecause);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Generator {Name}: the proof of reuse ends, as its draw of seed {Seed} failed: {Reason}")]
        public static partial void Failed(ILogger logger, string name, int seed, string reason);
    }
}

/// <summary>What samples of a generator may share.</summary>
/// <param name="Process">One process.</param>
/// <param name="Modules">In it, the generator's own modules.</param>
/// <param name="Reason">Why they may not share all.</param>
internal sealed record ReuseFinding(bool Process, bool Modules, string? Reason);
