using System.Net.Sockets;

namespace VmDataset.Worker.Lanes;

/// <summary>The Python process that imports heavy libraries once and forks all lanes; started at first use, and again if it dies.</summary>
public sealed partial class Zygote(WorkerOptions options, ILogger<Zygote> logger) : IGeneratorRuntime, IAsyncDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly ConcurrentDictionary<int, TaskCompletionSource<ZygoteLine>> _answers = new();
    // Lanes that have not connected yet, by their socket: the zygote tells if they never will.
    private readonly ConcurrentDictionary<string, TaskCompletionSource<Socket>> _starting = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Task<ZygoteLine>> _inspected = new(StringComparer.Ordinal);
    private readonly IReadOnlyList<string> _preload = options.Preload ?? PythonInterpreter.UsualModules;
    // A Unix socket's path may have 107 bytes at most, which a data folder can exceed.
    private readonly string _sockets = Directory.CreateTempSubdirectory("vmds-").FullName;
    private Process? _process;
    // Known to be over before the runtime has reaped it, which HasExited waits for.
    private Process? _ended;
    private TaskCompletionSource<ZygoteLine>? _ready;
    private string? _python;
    private SandboxStatus? _sandbox;
    // Of all of this process, as two that run at once share a scratch folder.
    private static int _nextId;

    /// <summary>How generators are confined; null before the host's first start.</summary>
    public SandboxStatus? Sandbox => Volatile.Read(ref _sandbox);

    /// <summary>Forks a lane for a generator and waits until it is ready.</summary>
    /// <exception cref="LaneLostException">There is no Python, or the lane ended before it was ready.</exception>
    public async Task<Lane> SpawnAsync(GeneratorInfo generator, CancellationToken cancellationToken = default)
    {
        await EnsureStartedAsync(cancellationToken);
        var id = Interlocked.Increment(ref _nextId).ToString(CultureInfo.InvariantCulture);
        var path = Path.Combine(_sockets, id);
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen(1);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(options.HostStartTimeout);
        var process = _process;
        var connected = false;
        var failure = _starting[path] = new TaskCompletionSource<Socket>(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            await SendAsync(new SpawnRequest("lane", path, generator.Folder, generator.Entry, generator.Library,
                Path.Combine(options.ScratchDir, "lanes", id), options.LaneMemoryMb, options.LaneRenewAfter), cancellationToken);
            var accepted = listener.AcceptAsync(timeout.Token).AsTask();
            var socket = await await Task.WhenAny(accepted, failure.Task);
            connected = true;
            return await Lane.OpenAsync(generator, socket, timeout.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // A lane connects as soon as it is forked: it is the zygote that is stopped, or hangs.
            if (!connected && process is not null) End(process);
            throw new LaneLostException($"A lane of '{generator.Name}' was not ready within {options.HostStartTimeout.TotalSeconds:0} s.");
        }
        finally
        {
            _starting.TryRemove(path, out _);
            File.Delete(path);
        }
    }

    public async Task<RuntimeStatus> GetStatusAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            var ready = await EnsureStartedAsync(cancellationToken);
            List<string> missing = [.. _preload.Where(module => ready.Modules?.GetValueOrDefault(module) is null)];
            var problem = missing.Count == 0 ? null
                : $"The Python interpreter lacks {string.Join(", ", missing)}: run ./run.sh, which installs them, or set PYTHON.";
            return new RuntimeStatus(problem, $"{_python} {ready.Python}", missing)
            {
                Sandbox = Sandbox,
                ConformingProblem = ready.Conforms ? null
                    : "the Python interpreter lacks PyAV, which conforms videos: run ./run.sh, which installs it, or install python3-av (Debian) or av (pip).",
            };
        }
        catch (LaneLostException exception)
        {
            return new RuntimeStatus(exception.Message, _python, []) { Sandbox = Sandbox };
        }
    }

    public async Task<IReadOnlyList<string>> MissingModulesAsync(GeneratorInfo generator, CancellationToken cancellationToken = default) =>
        (await InspectionAsync(generator, cancellationToken)).Missing ?? [];

    public async Task<IReadOnlyList<string>> OptionalModulesAsync(GeneratorInfo generator, CancellationToken cancellationToken = default) =>
        (await InspectionAsync(generator, cancellationToken)).Optional ?? [];

    public async Task<ParameterDiscovery> ParametersAsync(GeneratorInfo generator, CancellationToken cancellationToken = default)
    {
        var line = await InspectionAsync(generator, cancellationToken);
        return new ParameterDiscovery(line.Parameters, line.ParametersError ?? line.Error);
    }

    public async Task<IReadOnlyList<ClockRead>?> ClockReadsAsync(GeneratorInfo generator, CancellationToken cancellationToken = default) =>
        (await InspectionAsync(generator, cancellationToken)).ReadsClock;

    public async ValueTask DisposeAsync()
    {
        // A container that knows this object under two types disposes it twice.
        if (Interlocked.Exchange(ref _process, null) is { } process)
        {
            try
            {
                // The end of its input tells the zygote to end every lane, and itself.
                process.StandardInput.Close();
                using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
                await process.WaitForExitAsync(limit.Token);
            }
            catch (Exception exception) when (exception is OperationCanceledException or IOException)
            {
                ProcessTree.Kill(process);
            }

            process.Dispose();
        }

        if (Directory.Exists(_sockets)) Directory.Delete(_sockets, recursive: true);
    }

    private void End(Process process)
    {
        Log.HostKilled(logger);
        Volatile.Write(ref _ended, process);
        ProcessTree.Kill(process);
    }

    private Task<ZygoteLine> InspectionAsync(GeneratorInfo generator, CancellationToken cancellationToken)
    {
        var key = $"{generator.Folder}\0{generator.Version}";
        // A failure is not remembered: the next call asks again.
        if (_inspected.TryGetValue(key, out var known) && !known.IsFaulted) return known.WaitAsync(cancellationToken);
        return (_inspected[key] = InspectAsync(generator)).WaitAsync(cancellationToken);
    }

    private async Task<ZygoteLine> InspectAsync(GeneratorInfo generator)
    {
        await EnsureStartedAsync(CancellationToken.None);
        var id = Interlocked.Increment(ref _nextId);
        var answer = _answers[id] = new TaskCompletionSource<ZygoteLine>(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            await SendAsync(
                new InspectRequest("inspect", id, generator.Folder, generator.Entry, generator.Library), CancellationToken.None);
            return await answer.Task.WaitAsync(options.HostStartTimeout);
        }
        finally
        {
            _answers.TryRemove(id, out _);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Generator host: {Line}")]
        public static partial void HostSaid(ILogger logger, string line);

        [LoggerMessage(2, LogLevel.Error, "The generator host's answers cannot be read")]
        public static partial void HostLost(ILogger logger, Exception exception);

        [LoggerMessage(3, LogLevel.Warning, "Generators run {Detail} (docs/security.md)")]
        public static partial void NotConfined(ILogger logger, string detail);

        [LoggerMessage(4, LogLevel.Warning, "The generator host does not answer: it is killed, and a new one starts")]
        public static partial void HostKilled(ILogger logger);
    }
}
