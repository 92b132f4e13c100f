namespace VmDataset.ControlPlane.Jobs.Samples;

/// <summary>A page of a job's samples, in their own order or in a shuffled one.</summary>
internal sealed class SampleListQuery : SampleQuery
{
    private int _seed;

    [FromQuery(Name = "shuffle"), Description("The seed of a shuffled order of the samples; absent for the order by generator and index. Its cursors are of that seed, generator and split alone."),
        Range(0, int.MaxValue)]
    public string? Shuffle { get; init; }

    [FromQuery(Name = "split"), Description("Only samples of this split, which must be one of the job's splits."),
        RegularExpression(SplitPlan.NamePattern)]
    public string? Split { get; init; }

    /// <summary>Which samples the list is about.</summary>
    public SampleFilter Filter => new(Generator, Split);

    /// <summary>The seed of the shuffled order; null for the samples' own.</summary>
    public int? Seed => Shuffle is null ? null : _seed;

    /// <summary>The place in the shuffled order at which the page begins.</summary>
    public long Place => Cursor is not null && TryParsePlace(Cursor, out var place) ? place : 0;

    public override void Read(List<ValidationError> errors)
    {
        base.Read(errors);
        _seed = ParameterText.WholeNumber("shuffle", Shuffle, 0, int.MaxValue, 0, errors);
    }

    public override ProblemHttpResult? ProblemIn(Job job)
    {
        if (Split is null || job.SplitNames() is var names && names.Contains(Split, StringComparer.Ordinal)) return base.ProblemIn(job);
        var allowed = names is [] ? "none, as the job has no splits" : string.Join(", ", names);
        return Problem.Invalid(new ValidationError("split", $"split is '{Split}'; allowed: {allowed}."));
    }

    protected override bool IsCursor(string text) => Shuffle is null ? base.IsCursor(text) : TryParsePlace(text, out _);

    private static bool TryParsePlace(string text, out long place) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out place);
}
