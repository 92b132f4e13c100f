using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using VmDataset.Pipeline.Generators;
using VmDataset.Pipeline.Storage;
using VmDataset.Worker.Lanes;

namespace VmDataset.Worker.Samples;

/// <summary>
/// Decides, once per version of a generator and set of parameters, whether its samples may be drawn one after another in one process: some seeds
/// drawn so and each in a process of its own must give the same bytes. A generator that fails gets a process per sample.
/// The verdict lies in the store, so that one worker's proof serves the whole fleet.
/// </summary>
public sealed partial class ReuseProver(LanePool lanes, IObjectStore store, WorkerOptions options, ILogger<ReuseProver> logger)
{
    // Any seeds will do; five catch state that shows only after some samples, such as a small cache that fills.
    private static readonly int[] Seeds = [1_000_003, 2_000_003, 3_000_017, 4_000_037, 1_000_003];

    private readonly ConcurrentDictionary<string, Lazy<Task<bool>>> _verdicts = new(StringComparer.Ordinal);
    private readonly SampleReader _reader = new(options.MaxSampleBytes);

    /// <summary>Whether a lane of this generator may draw sample after sample. Draws the proof at the first call.</summary>
    /// <exception cref="LaneLostException">The proof could not be drawn.</exception>
    public async Task<bool> MayReuseAsync(GeneratorInfo generator, CancellationToken cancellationToken = default)
    {
        // Other parameters are other paths through its code.
        var key = $"{generator.Name}-{generator.Version}{(generator.Binding is { } binding ? "-" + binding.Parameters.Hash : "")}";
        // One proof serves every waiting sample; it is not tied to the first one's cancellation.
        var verdict = _verdicts.GetOrAdd(key, _ => new Lazy<Task<bool>>(() => LoadOrProveAsync(generator, key)));
        try
        {
            return await verdict.Value.WaitAsync(cancellationToken);
        }
        catch when (verdict.Value.IsFaulted)
        {
            _verdicts.TryRemove(new(key, verdict));
            throw;
        }
    }

    private async Task<bool> LoadOrProveAsync(GeneratorInfo generator, string key)
    {
        // A verdict that cannot be read is found anew and written over.
        if ((await store.TryGetJsonAsync<ReuseVerdict>(ObjectKeys.Reuse(key))).Value is { } known) return known.Reuse;
        var (reuse, certain) = await ProveAsync(generator);
        if (certain) await store.PutJsonAsync(ObjectKeys.Reuse(key), new ReuseVerdict(reuse));
        return reuse;
    }

    /// <returns>The verdict, and whether it would be the same on a machine that was not short of time or memory.</returns>
    private async Task<(bool Reuse, bool Certain)> ProveAsync(GeneratorInfo generator)
    {
        var reused = DrawAllAsync(generator, "reused", fresh: false, Seeds);
        var fresh = DrawAllAsync(generator, "fresh", fresh: true, Seeds[1..^1]);
        await Task.WhenAll(reused, fresh);
        var (inOneProcess, alone) = (await reused, await fresh);
        var same = inOneProcess.AsSpan(1, alone.Length).SequenceEqual(alone) && inOneProcess[0] == inOneProcess[^1];
        if (same) Log.Proven(logger, generator.Name, generator.Version);
        else Log.Refuted(logger, generator.Name, generator.Version);
        return (same, !inOneProcess.Concat(alone).Any(static outcome => outcome is "timed_out" or "killed"));
    }

    /// <summary>Fingerprints; a seed that fails counts by how it failed.</summary>
    private async Task<string[]> DrawAllAsync(GeneratorInfo generator, string name, bool fresh, int[] seeds)
    {
        await using var loan = await lanes.RentAsync(generator);
        List<string> fingerprints = [];
        foreach (var seed in seeds)
        {
            var work = Path.Combine(options.ScratchDir, "proofs", $"{generator.Name}-{generator.Binding?.Parameters.Hash}-{name}");
            Scratch.Delete(work);
            var result = await loan.Lane.DrawAsync(work, seed, options.SampleTimeout, fresh, CancellationToken.None);
            try
            {
                fingerprints.Add(result.Status != "ok" ? result.Status!
                    : (await _reader.ReadAsync(Path.Combine(work, "out"), work, 0, seed, 0)).Record.Fingerprint);
            }
            catch (InvalidSampleException invalid)
            {
                fingerprints.Add(invalid.Kind.ToString());
            }
            finally
            {
                Scratch.Delete(work);
            }
        }

        return [.. fingerprints];
    }

    private sealed record ReuseVerdict(bool Reuse);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Generator {Name} ({Version}) may draw many samples in one process")]
        public static partial void Proven(ILogger logger, string name, string version);

        [LoggerMessage(2, LogLevel.Warning, "Generator {Name} ({Version}) keeps state between samples: it gets a process per sample")]
        public static partial void Refuted(ILogger logger, string name, string version);
    }
}
