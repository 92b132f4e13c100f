namespace VmDataset.ControlPlane.Jobs.Quality;

/// <summary>Collects what samples' records tell of their videos.</summary>
internal sealed class VideoQuality
{
    private const int MostNamed = 20;

    // Of 255. Coding alone gives 1 to 4; a final frame that shows another state of the puzzle gives 27 and more.
    private const double Contradicts = 20;

    private readonly List<ContradictionView> _contradictions = [];
    private readonly List<int> _static = [];
    private int _known, _compared, _contradicting, _still;

    public void Add(SampleRecord record)
    {
        if (record.Video is not null) _known++;
        if (record.FinalFrameDistance is { } distance)
        {
            _compared++;
            if (distance > Contradicts && _contradicting++ < MostNamed) _contradictions.Add(new ContradictionView(record.Index, distance));
        }

        if ((record.StaticVideo == true || record.Video?.Frames == 1) && _still++ < MostNamed) _static.Add(record.Index);
    }

    public VideosView? View() => _known == 0 && _compared == 0 ? null : new VideosView
    {
        Known = _known,
        Compared = _compared,
        Contradictions = new ContradictionsView { Count = _contradicting, First = _contradictions },
        Static = new StaticVideosView { Count = _still, First = _static },
    };
}
