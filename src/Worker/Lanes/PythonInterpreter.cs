namespace VmDataset.Worker.Lanes;

/// <summary>Finds the Python that generators can run in.</summary>
public static class PythonInterpreter
{
    /// <summary>What nearly every generator imports.</summary>
    public static readonly IReadOnlyList<string> UsualModules = ["numpy", "PIL", "cv2", "pydantic"];

    private const string Probe =
        "import importlib.util,sys;print(*[m for m in sys.argv[1:] if importlib.util.find_spec(m) is None])";

    /// <summary>
    /// Tries, in this order: <paramref name="configured"/> (then nothing else), the virtual environment <c>.venv</c> in the
    /// working folder, and each <c>python3</c> on PATH. The first that has every usual module wins, else the one that lacks fewest.
    /// </summary>
    /// <returns>The interpreter and the modules it lacks, or null when there is no Python at all.</returns>
    public static async Task<(string Path, IReadOnlyList<string> Missing)?> FindAsync(
        string? configured, CancellationToken cancellationToken = default)
    {
        (string Path, IReadOnlyList<string> Missing)? best = null;
        foreach (var candidate in configured is null ? Candidates() : [configured])
        {
            if (await ProbeAsync(candidate, cancellationToken) is not { } missing) continue;
            if (missing.Count == 0) return (candidate, missing);
            if (best is null || missing.Count < best.Value.Missing.Count) best = (candidate, missing);
        }

        return best;
    }

    private static IEnumerable<string> Candidates()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return folders.Select(static folder => Path.Combine(folder, "python3"))
            .Prepend(Path.GetFullPath(Path.Combine(".venv", "bin", "python")))
            .Where(File.Exists)
            .Distinct();
    }

    private static async Task<IReadOnlyList<string>?> ProbeAsync(string python, CancellationToken cancellationToken)
    {
        var start = PythonProcess.Of(python, ["-c", Probe, .. UsualModules]);
        try
        {
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            var error = process.StandardError.ReadToEndAsync(cancellationToken);
            var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
            await error;
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode == 0 ? output.Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries) : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
