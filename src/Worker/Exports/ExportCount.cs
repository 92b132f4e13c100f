namespace VmDataset.Worker.Exports;

/// <summary>Counts the samples that an export has and those that it leaves out.</summary>
internal sealed class ExportCount
{
    public long Samples { get; private set; }

    public long Skipped { get; private set; }

    /// <returns>Whether the sample is in the export.</returns>
    public bool Take(bool isWhole)
    {
        if (isWhole) Samples++;
        else Skipped++;
        return isWhole;
    }
}
