using System.Diagnostics;

namespace VmDataset.Submission;

/// <summary>This program, started once more.</summary>
internal static class Child
{
    public static Process Start(params string[] args)
    {
        var program = Environment.ProcessPath!;
        // Started as "dotnet Submission.dll", the program is dotnet.
        string[] all = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [typeof(Child).Assembly.Location, .. args] : args;
        return Process.Start(new ProcessStartInfo(program, all) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
    }

    /// <summary>Runs a measurement to its end.</summary>
    public static async Task<Figures> MeasureAsync(params string[] args)
    {
        using var process = Start(args);
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? Figures.Parse(output)
            : throw new InvalidOperationException($"'{string.Join(' ', args)}' ended with code {process.ExitCode}.");
    }
}
