using VmDataset.Pipeline.Exports;

namespace VmDataset.Worker.Shards;

/// <summary>A sample with its files, in memory.</summary>
/// <param name="Source">What it has in common with others.</param>
/// <param name="Index">Its index.</param>
/// <param name="Files">The content of its files, in the order of the source's names.</param>
internal sealed record SampleContent(SampleSource Source, int Index, IReadOnlyList<byte[]> Files)
{
    public IEnumerable<(string Name, byte[] Content)> NamedFiles => Source.Files.Zip(Files);

    /// <returns>The content of a file; null if it has none of the name.</returns>
    public byte[]? Find(string name)
    {
        for (var at = 0; at < Source.Files.Count; at++)
            if (Source.Files[at] == name) return Files[at];
        return null;
    }
}
