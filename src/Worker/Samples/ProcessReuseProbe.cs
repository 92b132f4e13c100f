using VmDataset.Worker.Lanes;

namespace VmDataset.Worker.Samples;

/// <summary>Decides, once per version of a generator and set of parameters, whether its samples may share one process, and its modules
/// too. A generator that fails the proof gets a process per sample. The verdict lies in the store: one worker's proof serves the whole
/// fleet.</summary>
public sealed partial class ProcessReuseProbe(ProcessReuseComparison proof, IObjectStore store, WorkerOptions options,
    ProofWaits waits, ILogger<ProcessReuseProbe> logger) : IDisposable
{
    // Raised with what a sample finds at its start or what a proof compares: verdicts of earlier hosts are found anew.
    private const int HostVersion = 5;

    // A usual proof takes less. Behind a slow one, or one that hangs, no sample waits.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, SharedWork<DrawReuse>> _verdicts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SharedWork<ReuseVerdict?>> _known = new(StringComparer.Ordinal);
    // Half of the lanes draw proofs at most, so that no generator keeps others waiting by its proof.
    private readonly SemaphoreSlim _places = new(Math.Max(1, options.Lanes / 2));

    /// <summary>What a lane of this generator may keep from sample to sample. The first call draws the proof for all, and is cancelled when
    /// all callers are. While it takes long, or others take all places, the answer is nothing: one process each is always right.</summary>
    /// <param name="timeout">What a draw of the proof may take.</param>
    /// <param name="mayWait">Whether the caller waits for a proof that is drawn.</param>
    /// <exception cref="LaneLostException">No lane can be had.</exception>
    public async Task<DrawReuse> FindReuseAsync(
        GeneratorInfo generator, TimeSpan timeout, bool mayWait = true, CancellationToken cancellationToken = default)
    {
        var (key, own) = KeysOf(generator, timeout);
        if (await SharedWork.JoinAsync(_known, key, token => FindAsync(key, token), cancellationToken) is { } known)
            return known.Kind;
        if (!SharedWork.IsThere(_verdicts, own))
        {
            if (!_places.Wait(0, CancellationToken.None)) return DrawReuse.None;
            _places.Release();
        }

        var verdict = SharedWork.JoinAsync(_verdicts, own, token => ProveAsync(generator, key, timeout, token), cancellationToken);
        try
        {
            return await verdict.WaitAsync(mayWait ? SharedWork.Left(_verdicts, own, Patience) : TimeSpan.Zero, cancellationToken);
        }
        catch (TimeoutException)
        {
            _ = verdict.ContinueWith(static task => task.Exception, TaskScheduler.Default);
            return DrawReuse.None;
        }
    }

    /// <summary>Waits for a proof that is drawn while samples did not wait for it, no longer than they would have: what comes after a
    /// batch finds no half of one, as on Lambda, where the process stands still then.</summary>
    public async Task SettleAsync(GeneratorInfo generator, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (!SharedWork.IsThere(_verdicts, KeysOf(generator, timeout).Own)) return;
        try
        {
            await FindReuseAsync(generator, timeout, cancellationToken: cancellationToken);
        }
        catch (Exception exception) when (exception is OperationCanceledException or LaneLostException)
        {
            // The samples are drawn.
        }
    }

    public void Dispose() => _places.Dispose();

    private static (string Key, string Own) KeysOf(GeneratorInfo generator, TimeSpan timeout)
    {
        // Other parameters are other paths through its code.
        var key = $"{generator.Name}-{generator.Version}{(generator.Binding is { } binding ? "-" + binding.Parameters.Hash : "")}";
        // A proof that was short of time says nothing about a job that allows more.
        return (key, $"{key} {timeout}");
    }

    // A verdict that cannot be read, or of another host, is found anew and written over.
    private async Task<ReuseVerdict?> FindAsync(string key, CancellationToken cancellationToken) =>
        (await store.TryGetJsonAsync<ReuseVerdict>(ObjectKeys.Reuse(key), cancellationToken)).Value is { Host: HostVersion } verdict
            ? verdict : null;

    private async Task<DrawReuse> ProveAsync(GeneratorInfo generator, string key, TimeSpan timeout, CancellationToken cancellationToken)
    {
        await _places.WaitAsync(cancellationToken);
        try
        {
            using var proving = waits.Prove(generator.Name);
            Log.Begun(logger, generator.Name, generator.Version);
            if (await proof.DrawAsync(generator, timeout, TryEnter, cancellationToken) is not { } finding)
            {
                Log.Uncertain(logger, generator.Name, generator.Version);
                return DrawReuse.None;
            }

            var verdict = new ReuseVerdict(finding.Process, finding.Modules, finding.Reason, HostVersion);
            if (verdict.Keep) Log.Kept(logger, generator.Name, generator.Version);
            else if (verdict.Reuse) Log.Proven(logger, generator.Name, generator.Version, verdict.Reason);
            else Log.Refuted(logger, generator.Name, generator.Version);
            await KeepAsync(key, verdict, cancellationToken);
            return verdict.Kind;
        }
        finally
        {
            _places.Release();
        }
    }

    private async Task KeepAsync(string key, ReuseVerdict verdict, CancellationToken cancellationToken)
    {
        try
        {
            await store.PutJsonAsync(ObjectKeys.Reuse(key), verdict, cancellationToken: cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It only spares others the proof.
            Log.NotKept(logger, key, exception.Message);
        }
    }

    /// <returns>A second place, where one is free; null else.</returns>
    private IDisposable? TryEnter() => _places.Wait(0, CancellationToken.None) ? new Place(_places) : null;

    private sealed class Place(SemaphoreSlim places) : IDisposable
    {
        public void Dispose() => places.Release();
    }

    /// <param name="Reason">Why the modules are not kept, or the process not used again.</param>
    private sealed record ReuseVerdict(bool Reuse, bool Keep, string? Reason, int Host)
    {
        [JsonIgnore]
        public DrawReuse Kind => !Reuse ? DrawReuse.None : Keep ? DrawReuse.Modules : DrawReuse.Process;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information,
            "Generator {Name} ({Version}) may draw many samples in one process, which imports its modules for each: {Reason}")]
        public static partial void Proven(ILogger logger, string name, string version, string? reason);

        [LoggerMessage(2, LogLevel.Warning, "Generator {Name} ({Version}) keeps state between samples: it gets a process per sample")]
        public static partial void Refuted(ILogger logger, string name, string version);

        [LoggerMessage(3, LogLevel.Information,
            "Generator {Name} ({Version}): drawing the proof that many samples may be drawn in one process")]
        public static partial void Begun(ILogger logger, string name, string version);

        [LoggerMessage(4, LogLevel.Warning,
            "Generator {Name} ({Version}): the proof came to no end; it gets a process per sample until the next start")]
        public static partial void Uncertain(ILogger logger, string name, string version);

        [LoggerMessage(6, LogLevel.Information, "Generator {Name} ({Version}) may draw many samples in one process and with the same modules")]
        public static partial void Kept(ILogger logger, string name, string version);

        [LoggerMessage(5, LogLevel.Warning, "The verdict of the proof of reuse '{Key}' cannot be stored: {Reason}")]
        public static partial void NotKept(ILogger logger, string key, string reason);
    }
}
