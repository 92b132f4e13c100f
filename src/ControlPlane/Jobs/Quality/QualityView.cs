namespace VmDataset.ControlPlane.Jobs.Quality;

/// <summary>The quality of a generator's finished samples in a job.</summary>
public sealed record QualityView
{
    /// <summary>The generator.</summary>
    /// <example>chess-task-data-generator</example>
    public required string Generator { get; init; }

    /// <summary>Finished samples that are part of the dataset.</summary>
    /// <example>10000</example>
    public required int Samples { get; init; }

    /// <summary>Number of different samples among them, by their fingerprints.</summary>
    /// <example>9998</example>
    public required int Distinct { get; init; }

    /// <summary>The samples that repeat one of a lower index.</summary>
    public required DuplicatesView Duplicates { get; init; }

    /// <summary>The samples that differ from one of a lower index in wording alone: all files are the same but <c>prompt.txt</c> and
    /// <c>metadata.json</c>.</summary>
    public required DuplicatesView Reworded { get; init; }

    /// <summary>Samples that were drawn and are not part of the dataset, in a job that replaces duplicates.</summary>
    /// <example>0</example>
    [JsonPropertyName("left_out")]
    public required int Excluded { get; init; }

    /// <summary>Samples that failed and are not finished since, by kind of failure; the checks refused those of kind <c>invalid_output</c>
    /// and <c>no_output</c>.</summary>
    public required IReadOnlyList<FailedSamplesView> Failed { get; init; }

    /// <summary>Whether there are more failures than the request reads, so that <c>failed</c> is too low.</summary>
    /// <example>false</example>
    public required bool FailedTruncated { get; init; }

    /// <summary>Finished samples that took more than one attempt.</summary>
    /// <example>12</example>
    public required int Retried { get; init; }

    /// <summary>The videos of the samples, as far as they are known; absent if nothing is known of any.</summary>
    public VideosView? Videos { get; init; }

    /// <summary>Bytes of a sample's files; absent if there are no samples.</summary>
    public DistributionView? Bytes { get; init; }

    /// <summary>Seconds that a sample took to draw; absent if there are no samples.</summary>
    public DistributionView? Seconds { get; init; }
}

/// <summary>Samples that repeat others.</summary>
public sealed record DuplicatesView
{
    /// <summary>Their number.</summary>
    /// <example>2</example>
    public required int Count { get; init; }

    /// <summary>The first of them, ordered by index.</summary>
    public required IReadOnlyList<DuplicateView> First { get; init; }
}

/// <summary>A sample that repeats another.</summary>
/// <param name="Index">The sample's index.</param>
/// <param name="DuplicateOf">The lowest index that it repeats.</param>
public sealed record DuplicateView(int Index, int DuplicateOf);

/// <summary>Samples with the same kind of failure.</summary>
/// <param name="Kind">The kind of failure.</param>
/// <param name="Samples">Their number.</param>
public sealed record FailedSamplesView(FailureKind Kind, long Samples);

/// <summary>The distribution of a figure; percentiles are values that occur (nearest rank).</summary>
public sealed record DistributionView
{
    /// <summary>The minimum.</summary>
    public required double Min { get; init; }

    /// <summary>The median.</summary>
    public required double P50 { get; init; }

    /// <summary>The 90th percentile.</summary>
    public required double P90 { get; init; }

    /// <summary>The 99th percentile.</summary>
    public required double P99 { get; init; }

    /// <summary>The maximum.</summary>
    public required double Max { get; init; }

    /// <summary>The arithmetic mean.</summary>
    public required double Mean { get; init; }

    /// <summary>The sum.</summary>
    public required double Sum { get; init; }

    internal static DistributionView? Of(List<double> values)
    {
        if (values.Count == 0) return null;
        values.Sort();
        var sum = values.Sum();
        return new DistributionView
        {
            Min = values[0],
            P50 = Rank(50),
            P90 = Rank(90),
            P99 = Rank(99),
            Max = values[^1],
            Mean = Math.Round(sum / values.Count, 3),
            Sum = Math.Round(sum, 3),
        };

        double Rank(int percent) => values[(int)Math.Ceiling(percent / 100.0 * values.Count) - 1];
    }
}
