namespace VmDataset.Worker.Samples;

/// <summary>Checks the pictures and videos of one sample. Any other file is the generator's own affair, an empty one too.</summary>
internal sealed class ContentCheck(CancellationToken cancellationToken)
{
    private long _pixels;

    /// <returns>What is wrong, or null.</returns>
    public string? FindDefect(string name, Stream content)
    {
        var kind = Path.GetExtension(name).ToLowerInvariant();
        if (kind is not (".png" or ".mp4")) return null;
        if (content.Length == 0) return "it is empty";
        if (kind is ".mp4") return Mp4Check.FindDefect(content, cancellationToken);
        var (defect, pixels) = PngCheck.FindDefect(content, SampleLimits.AllPngBytes - _pixels, cancellationToken);
        _pixels += pixels;
        return defect;
    }
}
