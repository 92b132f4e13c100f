namespace VmDataset.Cli.Downloads;

/// <summary>A file, or the whole dataset, cannot be had.</summary>
internal sealed class DownloadException(string message, Exception? inner = null) : Exception(message, inner);
