using System.Diagnostics;
using System.Reflection;

namespace VmDataset.Bench.Scale.Datasets;

/// <summary>Reads a dataset's files with programs that share no code with their writer.</summary>
internal static class ReadBack
{
    /// <returns>Whether all was as it should be.</returns>
    public static async Task<bool> RunAsync(Options options, string folder)
    {
        var script = typeof(ReadBack).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(static attribute => attribute.Key == "ReadBack").Value!;
        string[] arguments = [script, folder, options.Values["--generators"], options.Values["--samples"]];
        using var process = Process.Start(Environment.GetEnvironmentVariable("PYTHON") ?? "python3", arguments);
        await process.WaitForExitAsync();
        return process.ExitCode == 0;
    }
}
