using System.Diagnostics;
using System.Globalization;

namespace VmDataset.Worker.Tests.Lanes;

/// <summary>The Python processes of one worker.</summary>
internal static class HostProcesses
{
    /// <summary>Zygote, supervisors and drawers: the children of this process that mention its folder, and what is below them.</summary>
    public static List<int> Of(string folder)
    {
        var all = Directory.EnumerateDirectories("/proc").Select(static path => Path.GetFileName(path)).Where(static name => name.All(char.IsAsciiDigit))
            .Select(static name => int.Parse(name, CultureInfo.InvariantCulture)).Select(static pid => (Pid: pid, Parent: ParentOf(pid))).ToList();
        List<int> found = [.. all.Where(process => process.Parent == Environment.ProcessId && Mentions(process.Pid, folder)).Select(static process => process.Pid)];
        for (var i = 0; i < found.Count; i++) found.AddRange(all.Where(process => process.Parent == found[i]).Select(static process => process.Pid));
        return found;
    }

    public static void Stop(int pid)
    {
        using var kill = Process.Start("kill", ["-STOP", $"{pid}"]);
        kill.WaitForExit();
        kill.ExitCode.ShouldBe(0);
    }

    /// <summary>Whether it runs or is stopped; a zombie does neither.</summary>
    public static bool IsAlive(int pid) => Fields(pid) is [var state, ..] && state is not ("Z" or "X");

    public static int ParentOf(int pid) => Fields(pid) is [_, var parent, ..] ? int.Parse(parent, CultureInfo.InvariantCulture) : 0;

    private static bool Mentions(int pid, string folder) => Read($"/proc/{pid}/cmdline").Contains(folder, StringComparison.Ordinal);

    // State and parent follow the command's name, which stands in brackets.
    private static string[] Fields(int pid) => Read($"/proc/{pid}/stat") is { Length: > 0 } stat ? stat[(stat.LastIndexOf(')') + 2)..].Split(' ') : [];

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
