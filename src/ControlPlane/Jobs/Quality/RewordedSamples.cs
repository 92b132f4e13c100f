namespace VmDataset.ControlPlane.Jobs.Quality;

/// <summary>Finds samples that show what an earlier one shows, under another prompt. They are to come in the order of their
/// indices.</summary>
internal sealed class RewordedSamples
{
    private const int MostNamed = 20;

    private static readonly string[] Texts = ["prompt.txt", "metadata.json"];

    private readonly DistinctSamples _pictures = new();
    private readonly List<DuplicateView> _first = [];
    private int _count;

    /// <summary>Adds a sample that repeats no other as a whole.</summary>
    public void Add(SampleRecord record)
    {
        var lines = string.Concat(record.Files.Where(static file => !Texts.Contains(file.Name))
            .Select(static file => $"{file.Sha256}  {file.Name}\n"));
        // Nothing to see is nothing in common.
        if (lines.Length == 0) return;
        var pictures = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(lines)));
        if (_pictures.Add(pictures, record.Index) is not { DuplicateOf: { } first }) return;
        if (_count++ < MostNamed) _first.Add(new DuplicateView(record.Index, first));
    }

    public DuplicatesView View() => new() { Count = _count, First = _first };
}
