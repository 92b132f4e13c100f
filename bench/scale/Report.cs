using System.Globalization;

namespace VmDataset.Bench.Scale;

/// <summary>Prints tables line by line, so that a run that is cut short has shown what it knew.</summary>
internal static class Report
{
    public static void Say(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));

    public static void Head(params string[] columns)
    {
        Console.WriteLine();
        Console.WriteLine($"| {string.Join(" | ", columns)} |");
        Console.WriteLine($"| {string.Join(" | ", columns.Select(static _ => "---"))} |");
    }

    /// <summary>Load averages of one and five minutes: what else the machine had to do.</summary>
    public static string Load() => File.Exists("/proc/loadavg") ? string.Join(", ", File.ReadAllText("/proc/loadavg").Split(' ')[..2]) : "unknown";
}
