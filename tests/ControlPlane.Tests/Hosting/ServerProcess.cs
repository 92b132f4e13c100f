using System.Diagnostics;
using System.Text.RegularExpressions;

namespace VmDataset.ControlPlane.Tests.Hosting;

/// <summary>The application as users start it: a process with settings.</summary>
internal sealed partial class ServerProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Process _process;
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task<string> _errors;
    private readonly List<string> _lines = [];
    private readonly TaskCompletionSource<string> _output = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ServerProcess(string workingDirectory, IReadOnlyDictionary<string, string>? environment = null, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Program).Assembly.Location, .. arguments])
        {
            WorkingDirectory = workingDirectory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // Whatever this machine sets for another server must not reach this one.
        foreach (var name in new[] { "PORT", "DATA_DIR", "GENERATORS_DIR", "ENGINE", "ASPNETCORE_URLS", "ASPNETCORE_HTTP_PORTS",
            "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "SQS_QUEUE_URL", "SQS_DLQ_URL", "OUTPUT_BUCKET",
            "LOG_FORMAT", "SHUTDOWN_SECONDS", "OTEL_EXPORTER_OTLP_ENDPOINT",
            "ALLOW_ANONYMOUS", "ADMIN_KEY_SHA256", "JWT_AUTHORITY", "JWT_AUDIENCE", "ALLOWED_HOSTS" }) start.Environment.Remove(name);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is null) _output.TrySetResult(string.Join('\n', _lines));
            else _lines.Add(line.Data);
            if (line.Data is not null && Listening().Match(line.Data) is { Success: true } match) _address.TrySetResult(new Uri(match.Groups[1].Value));
        };
        _process.BeginOutputReadLine();
        _errors = _process.StandardError.ReadToEndAsync();
    }

    /// <summary>Where it listens, once it does.</summary>
    public async Task<Uri> AddressAsync()
    {
        await Task.WhenAny(_address.Task, _process.WaitForExitAsync()).WaitAsync(Patience);
        if (!_address.Task.IsCompleted) throw new InvalidOperationException($"It ended with {_process.ExitCode}: {await _errors}");
        return await _address.Task;
    }

    /// <summary>Its exit code and what it said on standard error, once it has ended.</summary>
    public async Task<(int Code, string Errors)> EndAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return (_process.ExitCode, await _errors);
    }

    /// <summary>What it said on standard output, once it has ended.</summary>
    public Task<string> OutputAsync() => _output.Task.WaitAsync(Patience);

    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync().WaitAsync(Patience);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit(Patience);
        }

        _process.Dispose();
    }

    [GeneratedRegex(@"Now listening on: (\S+)")]
    private static partial Regex Listening();
}
