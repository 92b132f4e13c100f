namespace VmDataset.Worker.Lanes;

/// <summary>The half that starts the process and talks to it.</summary>
public sealed partial class Zygote
{
    private async Task<ZygoteLine> EnsureStartedAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_process is null or { HasExited: true } || _process == Volatile.Read(ref _ended))
            {
                _process?.Dispose();
                _process = null;
                if (await PythonInterpreter.FindAsync(options.Python, cancellationToken) is not { } found)
                {
                    var reason = options.Python is null ? "There is no python3 on PATH: install Python 3.9 or later, or set PYTHON."
                        : $"PYTHON is '{options.Python}', which cannot be run.";
                    throw new LaneLostException(reason) { CannotStart = true };
                }

                _python = found.Path;
                await StartAsync(found.Path);
            }

            var ready = await _ready!.Task.WaitAsync(options.HostStartTimeout, cancellationToken);
            CheckSandbox(ready.Sandbox!);
            return ready;
        }
        catch (TimeoutException)
        {
            if (_process is { } process) End(process);
            var reason = $"The generator host did not start within {options.HostStartTimeout.TotalSeconds:0} s.";
            throw new LaneLostException(reason) { CannotStart = true };
        }
        finally
        {
            _gate.Release();
        }
    }

    private void CheckSandbox(SandboxStatus found)
    {
        var isNew = Interlocked.Exchange(ref _sandbox, found) is null;
        if (found.Whole || options.Sandbox == SandboxMode.Off) return;
        if (options.Sandbox == SandboxMode.Required)
            throw new LaneLostException(
                $"SANDBOX is required, and here generators would run {found.Detail}: use Linux 6.12 or later with Landlock, or set SANDBOX to auto.");
        if (isNew) Log.NotConfined(logger, found.Detail);
    }

    private async Task StartAsync(string python)
    {
        Directory.CreateDirectory(options.ScratchDir);
        var start = PythonProcess.Of(python, "-m", "generator_host", "--preload", string.Join(',', _preload), "--cache",
            Path.Combine(Path.GetFullPath(options.StateDir), "cache"), "--sandbox", options.Sandbox.ToString().ToLowerInvariant(),
            "--lanes", options.Lanes.ToString(CultureInfo.InvariantCulture));
        start.WorkingDirectory = options.ScratchDir;
        start.Environment["PYTHONPATH"] = string.Join(Path.PathSeparator,
            new[] { AppContext.BaseDirectory, Environment.GetEnvironmentVariable("PYTHONPATH") }.Where(
                static path => !string.IsNullOrEmpty(path)));

        var ready = _ready = new TaskCompletionSource<ZygoteLine>(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = ready.Task.ContinueWith(static task => task.Exception, TaskScheduler.Default);
        var process = _process = await StarterThread.RunAsync(() => Process.Start(start)!);
        process.ErrorDataReceived += (_, line) =>
        {
            if (!string.IsNullOrEmpty(line.Data)) Log.HostSaid(logger, line.Data);
        };
        process.BeginErrorReadLine();
        _ = ListenAsync(process, ready);
    }

    private async Task ListenAsync(Process process, TaskCompletionSource<ZygoteLine> ready)
    {
        try
        {
            while (await process.StandardOutput.ReadLineAsync() is { } text)
            {
                var line = JsonSerializer.Deserialize<ZygoteLine>(text, WireJson.Options)!;
                if (line.Event == "ready") ready.TrySetResult(line);
                else if (line.Event is "error" or "lane_ended") NoteEnd(line);
                else if (line.Id is { } id && _answers.TryRemove(id, out var answer)) answer.TrySetResult(line);
            }
        }
        catch (Exception exception) when (exception is IOException or JsonException or ObjectDisposedException or InvalidOperationException)
        {
            Log.HostLost(logger, exception);
        }

        Volatile.Write(ref _ended, process);
        var lost = new LaneLostException("The generator host ended.");
        ready.TrySetException(lost);
        foreach (var socket in _starting.Keys) FailStart(socket, lost);
        foreach (var id in _answers.Keys)
        {
            if (_answers.TryRemove(id, out var answer)) answer.TrySetException(lost);
        }
    }

    private void NoteEnd(ZygoteLine line)
    {
        if (line.Event == "error") Log.HostSaid(logger, line.Message ?? "");
        var end = new LaneLostException(line.Message ?? "A lane ended before it was ready.") { CannotStart = line.Event == "error" };
        if (line.Socket is { } socket) FailStart(socket, end);
    }

    private void FailStart(string socket, LaneLostException failure)
    {
        if (!_starting.TryRemove(socket, out var start)) return;
        start.TrySetException(failure);
        // Whoever accepted the connection meanwhile does not look at this any more.
        _ = start.Task.Exception;
    }

    private async Task SendAsync<T>(T request, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            await _process!.StandardInput.BaseStream.WriteAsync(JsonLine.Of(request), cancellationToken);
            await _process.StandardInput.BaseStream.FlushAsync(cancellationToken);
        }
        catch (IOException exception)
        {
            throw new LaneLostException("The generator host ended.", exception);
        }
        finally
        {
            _gate.Release();
        }
    }
}
