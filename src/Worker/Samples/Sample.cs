using VmDataset.Pipeline.Progress;

namespace VmDataset.Worker.Samples;

/// <summary>A sample that was drawn and found valid; its files wait in a folder of their own.</summary>
/// <param name="Domain">The task's domain.</param>
/// <param name="Record">Its index, seed, fingerprint and files, in ordinal order of file name.</param>
/// <param name="Folder">Where the files lie.</param>
/// <param name="Work">The draw's folder, to be removed once the sample is published.</param>
public sealed record Sample(string Domain, SampleRecord Record, string Folder, string Work)
{
    public string PathOf(SampleFileRecord file) => Path.Combine(Folder, file.Name);
}

/// <summary>A sample that failed, alone.</summary>
public sealed record SampleFailure(int Index, FailureKind Kind, string Message)
{
    public string? ExceptionType { get; init; }

    public string? Traceback { get; init; }

    public string? LogTail { get; init; }
}

/// <summary>The generator's output is not one valid sample.</summary>
internal sealed class InvalidSampleException(FailureKind kind, string message) : Exception(message)
{
    public FailureKind Kind { get; } = kind;
}
