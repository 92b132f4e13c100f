namespace VmDataset.Cli.Api;

/// <summary>The command line, the environment or a profile is wrong. The message names setting, value and what is allowed.</summary>
internal sealed class UsageException(string message) : Exception(message);
