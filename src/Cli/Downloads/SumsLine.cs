using VmDataset.Cli.Output;

namespace VmDataset.Cli.Downloads;

/// <summary>A line of <c>SHA256SUMS</c>: a checksum, two spaces, a path.</summary>
internal sealed record SumsLine(string Sha256, string Path)
{
    public const string ListName = "SHA256SUMS";

    /// <summary>Whether the file lists further files, as those of large datasets do.</summary>
    public bool IsList => Path.Split('/')[^1] is var name
        && (name == ListName || name.StartsWith($"{ListName}-", StringComparison.Ordinal));

    /// <exception cref="DownloadException">It is no such line.</exception>
    public static SumsLine Read(string line) => line.Split("  ", 2) is [var sha256, var path] ? new SumsLine(sha256, path)
        : throw new DownloadException($"{ListName} has the line '{Text.Start(line, 100)}'; allowed: a checksum, two spaces, a path");
}
