using System.Diagnostics;
using System.Text;

namespace VmDataset.EndToEnd.Tests.Aws;

/// <summary>The worker as it is deployed: a process that knows its queue and bucket by its environment.</summary>
public sealed class WorkerProcess : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly StringBuilder _log = new();
    private readonly Process _process;

    /// <param name="generators">Its generators folder.</param>
    /// <param name="environment">Queue, bucket, and the Runtime API's address if it is to be a function.</param>
    /// <param name="lanes">Samples drawn at once.</param>
    /// <param name="scratch">Its scratch folder; null for one of its own.</param>
    public WorkerProcess(string generators, IReadOnlyDictionary<string, string> environment, int lanes = 2, string? scratch = null)
    {
        var start = new ProcessStartInfo("dotnet", Server.Metadata("Worker")) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _folder.Path };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        start.Environment["GENERATORS_DIR"] = generators;
        start.Environment["SCRATCH_DIR"] = scratch ?? _folder.Combine("scratch");
        start.Environment["LANES"] = $"{lanes}";
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Note(line.Data);
        _process.ErrorDataReceived += (_, line) => Note(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Log
    {
        get
        {
            lock (_log) return _log.ToString();
        }
    }

    public bool HasEnded => _process.HasExited;

    /// <summary>As <c>kill -9</c>.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Asks it to end and gives its exit code.</summary>
    public async Task<int> StopAsync()
    {
        await AskToEndAsync();
        return await EndAsync();
    }

    /// <summary>As SIGTERM.</summary>
    public async Task AskToEndAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"])!;
        await kill.WaitForExitAsync();
    }

    /// <summary>Waits until it has ended by itself.</summary>
    public async Task<int> EndAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        _folder.Dispose();
    }

    private void Note(string? line)
    {
        lock (_log) _log.AppendLine(line);
    }
}
