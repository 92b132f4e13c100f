namespace VmDataset.ControlPlane.Jobs.Samples;

/// <summary>The last sample of a page, after which the next page begins.</summary>
internal readonly record struct SampleCursor(string Generator, int Index)
{
    public static bool TryParse(string text, out SampleCursor cursor)
    {
        cursor = default;
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 || !GeneratorName.IsValid(text[..colon])
            || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            || index >= JobLimits.MaxIndexEnd)
        {
            return false;
        }

        cursor = new SampleCursor(text[..colon], index);
        return true;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Generator}:{Index}");
}
