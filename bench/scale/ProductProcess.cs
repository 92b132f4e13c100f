using System.Diagnostics;
using System.Globalization;
using System.Reflection;

namespace VmDataset.Bench.Scale;

/// <summary>A process of the product. Its log is written to a file.</summary>
internal sealed class ProductProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StreamWriter _log;

    /// <param name="program"><c>Server</c> or <c>Worker</c>, as they are built beside this one, or the path of another build.</param>
    /// <param name="folder">Its working folder, which is made.</param>
    /// <param name="environment">Its settings; those of this process hold too.</param>
    public ProductProcess(string program, string folder, IReadOnlyDictionary<string, string> environment)
    {
        Directory.CreateDirectory(folder);
        _log = new StreamWriter(Path.Combine(folder, "log"));
        var start = new ProcessStartInfo("dotnet", [PathOf(program)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Note(line.Data);
        _process.ErrorDataReceived += (_, line) => Note(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public bool HasEnded => _process.HasExited;

    public double ProcessorSeconds()
    {
        _process.Refresh();
        return _process.TotalProcessorTime.TotalSeconds;
    }

    /// <summary>MB that it holds now, and the most it has held since <see cref="ForgetPeak"/>.</summary>
    public (long Now, long Peak) Memory()
    {
        var status = File.ReadLines($"/proc/{Id}/status").Select(static line => line.Split(':')).ToDictionary(
            static parts => parts[0], static parts => parts[1]);
        return (Mb("VmRSS"), Mb("VmHWM"));

        long Mb(string name) => long.Parse(status[name].Trim().Split(' ')[0], CultureInfo.InvariantCulture) >> 10;
    }

    /// <summary>Has the kernel count the most memory from now on.</summary>
    public void ForgetPeak() => File.WriteAllText($"/proc/{Id}/clear_refs", "5");

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        await _log.DisposeAsync();
    }

    private static string PathOf(string program) => typeof(ProductProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .SingleOrDefault(attribute => attribute.Key == program)?.Value ?? program;

    private void Note(string? line)
    {
        if (line is null) return;
        lock (_log)
        {
            _log.WriteLine(line);
            _log.Flush();
        }
    }
}
