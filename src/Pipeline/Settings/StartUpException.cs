namespace VmDataset.Pipeline.Settings;

/// <summary>The process cannot start as it is configured; the message tells a person what to change.</summary>
public sealed class StartUpException(string message, Exception? cause = null) : Exception(message, cause);
