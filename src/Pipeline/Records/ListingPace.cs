namespace VmDataset.Pipeline.Records;

/// <summary>How much of the store's time listings may take that no request waits for.</summary>
/// <param name="Background">Generators of large jobs that they list at the same time, all jobs together.</param>
public sealed record ListingPace(int Background)
{
    /// <summary>A LIST waits for the store, and reading its answer takes a fourth of the time.</summary>
    public static readonly ListingPace Remote = new(4);

    /// <summary>A LIST of a folder is processor time of this machine.</summary>
    public static readonly ListingPace Local = new(1);
}
