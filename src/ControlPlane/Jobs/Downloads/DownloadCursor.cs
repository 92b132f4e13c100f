namespace VmDataset.ControlPlane.Jobs.Downloads;

/// <summary>A place in the list of a dataset's files.</summary>
/// <param name="Generator">Empty among the files about the dataset.</param>
/// <param name="Index">The sample.</param>
/// <param name="Number">Files of the sample, or about the dataset, that come before it.</param>
internal readonly record struct DownloadCursor(string Generator, int Index, int Number)
{
    public static DownloadCursor Start => new("", 0, 0);

    public bool IsAboutDataset => Generator.Length == 0;

    /// <summary>Null for any other text.</summary>
    public static DownloadCursor? Parse(string cursor)
    {
        if (cursor.Split(':') is [var generator, var index, var number] && (generator.Length == 0 || GeneratorName.IsValid(generator))
            && int.TryParse(index, NumberStyles.None, CultureInfo.InvariantCulture, out var i) && i < JobLimits.MaxIndexEnd
            && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var n))
        {
            return new DownloadCursor(generator, i, n);
        }

        return null;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Generator}:{Index}:{Number}");
}
