using System.ComponentModel;

namespace VmDataset.Cli.Doctor;

/// <summary>Looks for a Python with what generators import, where <c>run.sh</c> looks too.</summary>
internal static class PythonLook
{
    private const string Needed = "numpy PIL cv2 pydantic";
    private const string Wanted = "av matplotlib";

    public static async Task<Finding> LookAsync(CancellationToken cancellationToken)
    {
        Finding? first = null;
        foreach (var python in Candidates())
        {
            if (await LackedAsync(python, cancellationToken) is not { } lacked) continue;
            var needed = lacked.Intersect(Needed.Split(' '), StringComparer.Ordinal).ToArray();
            if (needed.Length == 0) return lacked.Length == 0 ? Finding.Ok("python", $"{python} has {Needed} {Wanted}")
                : Finding.Note("python", $"{python} has {Needed}, and lacks {string.Join(' ', lacked)}: av conforms videos, many generators draw with matplotlib");
            first ??= Finding.Wrong("python",
                $"{python} lacks {string.Join(' ', needed)}; ./run.sh installs what is needed, or PYTHON names an interpreter that has it");
        }

        return first ?? Finding.Wrong("python", "there is no python3 on PATH; generators need Python 3.9 or later");
    }

    private static IEnumerable<string> Candidates()
    {
        if (Environment.GetEnvironmentVariable("PYTHON") is { Length: > 0 } named) return [named];
        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Prepend(Path.Combine(Environment.CurrentDirectory, ".venv", "bin"))
            .Select(static folder => Path.Combine(folder, "python3")).Where(File.Exists);
    }

    /// <summary>The modules that an interpreter cannot import; null if it is none.</summary>
    private static async Task<string[]?> LackedAsync(string python, CancellationToken cancellationToken)
    {
        const string Program = """
            import importlib, sys
            for name in sys.argv[1:]:
                try: importlib.import_module(name)
                except Exception: print(name)
            """;
        try
        {
            using var process = Process.Start(new ProcessStartInfo(python, ["-c", Program, .. $"{Needed} {Wanted}".Split(' ')])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                RedirectStandardInput = true,
            })!;
            process.StandardInput.Close();
            var errors = process.StandardError.ReadToEndAsync(cancellationToken);
            var lacked = await process.StandardOutput.ReadToEndAsync(cancellationToken);
            await errors;
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode == 0 ? lacked.Split('\n', StringSplitOptions.RemoveEmptyEntries) : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
