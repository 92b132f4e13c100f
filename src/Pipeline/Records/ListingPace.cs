namespace VmDataset.Pipeline.Records;

/// <summary>How much of the store's time a listing may take that no request waits for.</summary>
/// <param name="Background">Generators of a large job that it lists at the same time.</param>
public sealed record ListingPace(int Background)
{
    /// <summary>A LIST waits for the store, and reading its answer takes a fourth of the time.</summary>
    public static readonly ListingPace Remote = new(4);

    /// <summary>A LIST of a folder is processor time of this machine.</summary>
    public static readonly ListingPace Local = new(1);
}
