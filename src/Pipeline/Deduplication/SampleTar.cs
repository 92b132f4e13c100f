using System.Formats.Tar;

namespace VmDataset.Pipeline.Deduplication;

/// <summary>Copies a shard's members, as they are, into another tar.</summary>
internal static class SampleTar
{
    /// <param name="from">A tar.</param>
    /// <param name="to">Gets the tar; stays open.</param>
    /// <param name="wanted">Says by a member's name whether it is copied.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task CopyAsync(Stream from, Stream to, Func<string, bool> wanted, CancellationToken cancellationToken)
    {
        await using var reader = new TarReader(from, leaveOpen: true);
        await using var writer = new TarWriter(to, TarEntryFormat.Ustar, leaveOpen: true);
        while (await reader.GetNextEntryAsync(cancellationToken: cancellationToken) is { } entry)
        {
            if (wanted(entry.Name)) await writer.WriteEntryAsync(entry, cancellationToken);
        }
    }
}
