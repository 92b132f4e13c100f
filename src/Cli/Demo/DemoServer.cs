using System.Net;
using System.Net.Sockets;
using VmDataset.Cli.Api;

namespace VmDataset.Cli.Demo;

/// <summary>A server of the demo's own, on a free port.</summary>
internal sealed class DemoServer : IAsyncDisposable
{
    private const int SigTerm = 15;
    private const int LongestLog = 4000;
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(60);

    private readonly StringBuilder _log = new();
    private readonly Process _process;

    public DemoServer(string program, string data)
    {
        var port = Environment.GetEnvironmentVariable("PORT") is { Length: > 0 } named ? named : $"{FreePort()}";
        var start = new ProcessStartInfo("dotnet", [program]) { RedirectStandardOutput = true, RedirectStandardError = true };
        (start.Environment["DATA_DIR"], start.Environment["PORT"]) = (data, port);
        var key = Environment.GetEnvironmentVariable("API_KEY") is { Length: > 0 } text ? text : null;
        Connection = new Connection($"http://127.0.0.1:{port}", key, "API_KEY", null);
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Note(line.Data);
        _process.ErrorDataReceived += (_, line) => Note(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public Connection Connection { get; }

    /// <summary>The end of what it wrote.</summary>
    public string Log
    {
        get
        {
            lock (_log) return _log.ToString()[Math.Max(0, _log.Length - LongestLog)..];
        }
    }

    /// <exception cref="InvalidOperationException">It ended, or is not ready in time.</exception>
    public async Task ReadyAsync(ApiClient api, CancellationToken cancellationToken)
    {
        for (var watch = Stopwatch.StartNew(); ;)
        {
            if (_process.HasExited) throw new InvalidOperationException($"the server ended with code {_process.ExitCode}");
            try
            {
                await api.GetAsync("/health/ready", ApiJson.Default.Health, cancellationToken);
                return;
            }
            catch (ApiException exception)
            {
                if (watch.Elapsed > LongestStart) throw new InvalidOperationException($"the server is not ready: {exception.Message}", exception);
            }

            await Task.Delay(50, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            // In order: it removes what its lanes left.
            using (var kill = Process.Start("kill", [$"-{SigTerm}", $"{_process.Id}"])) await kill.WaitForExitAsync();
            using var limit = new CancellationTokenSource(LongestStop);
            await _process.WaitForExitAsync(limit.Token);
        }

        _process.Dispose();
    }

    private void Note(string? line)
    {
        lock (_log) _log.AppendLine(line);
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
