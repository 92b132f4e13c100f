using VmDataset.Pipeline.Ranges;

namespace VmDataset.Pipeline.Datasets;

/// <summary>A dataset that is written, files and all.</summary>
public sealed record DatasetRecord
{
    /// <summary>The state of the data that it was made of, see <see cref="DatasetIdentity"/>.</summary>
    public required string Of { get; init; }

    /// <summary>Samples in it.</summary>
    public required long Samples { get; init; }

    /// <summary>Bytes of its samples.</summary>
    public required long Bytes { get; init; }

    public required DateTimeOffset WrittenAt { get; init; }

    /// <summary>The files about it at the root of its folder.</summary>
    public required IReadOnlyList<DataFile> Files { get; init; }

    /// <summary>The number of files about it in the folders of its generators; <see cref="DatasetStore.FilesAsync"/> names them.</summary>
    public int Tables { get; init; }
}

/// <summary>A part of a dataset that is written, see <see cref="DatasetPart"/>.</summary>
/// <param name="Files">Its tables and checksums.</param>
/// <param name="Generators">The figures of each of its generators, in the order of the job.</param>
public sealed record DatasetPartRecord(IReadOnlyList<DataFile> Files, IReadOnlyList<GeneratorPart> Generators);

/// <summary>The figures of one generator's samples in a part.</summary>
public sealed record GeneratorPart
{
    public required string Generator { get; init; }

    public required long Samples { get; init; }

    /// <summary>Objects: files of samples, or tars.</summary>
    public required long Files { get; init; }

    public required long Bytes { get; init; }

    public required long Videos { get; init; }

    public required IReadOnlyList<string> Versions { get; init; }

    public required IReadOnlyList<string> Commits { get; init; }

    public required IReadOnlyList<string> Domains { get; init; }

    /// <summary>Such as ".mp4", of the videos that there are.</summary>
    public required IReadOnlyList<string> VideoExtensions { get; init; }

    /// <summary>Samples of each split that has some; null in a job without splits.</summary>
    public IReadOnlyDictionary<string, long>? Splits { get; init; }

    /// <summary>The indices of its samples, as ranges in the form of object keys, ascending.</summary>
    public required IReadOnlyList<string> Indices { get; init; }

    public RangeSet IndexSet() => RangeSet.Of(Indices.Select(static key =>
        SampleRange.TryParseKey(key, out var range) ? range : throw new InvalidDataException($"'{key}' is no range of indices.")));
}

/// <summary>The parts of a dataset that were put on the queue.</summary>
/// <param name="Events">The events in the job's log then. After another event all parts are sent again.</param>
/// <param name="SentAt">When each part was sent last, by its id.</param>
public sealed record DatasetDispatch(int Events, IReadOnlyDictionary<string, DateTimeOffset> SentAt)
{
    public DateTimeOffset? At(DatasetPart part) => SentAt.TryGetValue(part.Id, out var at) ? at : null;
}

/// <summary>A reason why a part could not be written.</summary>
public sealed record DatasetProblem(string Part, string Reason, DateTimeOffset At);
