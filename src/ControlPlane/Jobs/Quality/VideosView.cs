namespace VmDataset.ControlPlane.Jobs.Quality;

/// <summary>The videos of a generator's finished samples.</summary>
public sealed record VideosView
{
    /// <summary>Samples of whose video size, frames, rate or codec are known.</summary>
    /// <example>10000</example>
    public required int Known { get; init; }

    /// <summary>Samples whose final frame was compared with the video's last picture: those of jobs with <c>video</c>.</summary>
    /// <example>10000</example>
    public required int Compared { get; init; }

    /// <summary>Samples whose final frame contradicts the video: it differs from the last picture by more than 20 of 255.</summary>
    public required ContradictionsView Contradictions { get; init; }

    /// <summary>Samples whose video stands still: it has one frame, or its pictures do not differ, which is known in jobs with
    /// <c>video</c>.</summary>
    public required StaticVideosView Static { get; init; }
}

/// <summary>Samples whose final frame contradicts the video.</summary>
public sealed record ContradictionsView
{
    /// <summary>Their number.</summary>
    /// <example>1</example>
    public required int Count { get; init; }

    /// <summary>The first of them, ordered by index.</summary>
    public required IReadOnlyList<ContradictionView> First { get; init; }
}

/// <summary>A sample whose final frame contradicts the video.</summary>
/// <param name="Index">The sample's index.</param>
/// <param name="Distance">The mean absolute difference of the two pictures, 0 to 255.</param>
public sealed record ContradictionView(int Index, double Distance);

/// <summary>Samples whose video stands still.</summary>
public sealed record StaticVideosView
{
    /// <summary>Their number.</summary>
    /// <example>0</example>
    public required int Count { get; init; }

    /// <summary>The indices of the first of them, in order.</summary>
    public required IReadOnlyList<int> First { get; init; }
}
