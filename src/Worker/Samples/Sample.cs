namespace VmDataset.Worker.Samples;

/// <summary>A sample that was drawn and found valid; its files wait in a folder of their own.</summary>
/// <param name="Record">Its index, seed, fingerprint and files, in ordinal order of file name.</param>
/// <param name="Work">The draw's folder, to be removed once the sample is published.</param>
public sealed record Sample(string Domain, SampleRecord Record, string Folder, string Work)
{
    /// <summary>What each file was when it was read, by its name: a process that the generator left behind may still run.</summary>
    internal IReadOnlyDictionary<string, FileStatus> Statuses { get; init; } = new Dictionary<string, FileStatus>();

    /// <summary>SHA-256 over all of its files. Unlike the fingerprint it covers <c>metadata.json</c>, so it is for draws of one seed and
    /// index alone.</summary>
    internal string Digest => SampleOutputReader.Hash(Record.Files);

    public string PathOf(SampleFileRecord file) => Path.Combine(Folder, file.Name);

    /// <summary>Opens its folder as the reader did.</summary>
    /// <exception cref="InvalidSampleException">It is not there any more.</exception>
    internal DirectoryHandle OpenFolder() => SampleFile.Reading(Record.Files[0].Name, () =>
    {
        using var work = DirectoryHandle.Open(Work);
        return work.OpenPath(Path.GetRelativePath(Work, Folder));
    });

    /// <summary>Opens a file of it as the reader did.</summary>
    /// <exception cref="InvalidSampleException">It is not what was read.</exception>
    internal SampleFile Open(DirectoryHandle folder, SampleFileRecord file) =>
        SampleFile.Open(folder, file.Name, Statuses.TryGetValue(file.Name, out var status) ? status : null);
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
