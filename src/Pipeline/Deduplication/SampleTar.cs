using System.Formats.Tar;

namespace VmDataset.Pipeline.Deduplication;

/// <summary>Copies a shard's members, as they are, into another tar.</summary>
public static class SampleTar
{
    /// <param name="from">A tar.</param>
    /// <param name="to">Gets the members.</param>
    /// <param name="wanted">Says by a member's name whether it is copied.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task CopyAsync(Stream from, TarWriter to, Func<string, bool> wanted, CancellationToken cancellationToken)
    {
        await using var reader = new TarReader(from, leaveOpen: true);
        while (await reader.GetNextEntryAsync(cancellationToken: cancellationToken) is { } entry)
        {
            if (wanted(entry.Name)) await to.WriteEntryAsync(entry, cancellationToken);
        }
    }

    /// <param name="samples">Names of members up to and with their first dot.</param>
    /// <returns>Whether a member is of one of the samples.</returns>
    public static Func<string, bool> IsOf(IReadOnlySet<string> samples) =>
        name => samples.Contains(name[..(name.IndexOf('.', StringComparison.Ordinal) + 1)]);
}
