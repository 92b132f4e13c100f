using System.Formats.Tar;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Storage;

namespace VmDataset.Pipeline.Deduplication;

/// <summary>Makes shards of the members of others, as they are.</summary>
public static class SampleTar
{
    /// <summary>An empty file that is removed when it is closed.</summary>
    public static FileStream Temporary() => new(Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.tar"), FileMode.CreateNew,
        FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.DeleteOnClose | FileOptions.Asynchronous);

    /// <summary>Stores a tar, from its start.</summary>
    /// <param name="store">The store.</param>
    /// <param name="key">Where it goes.</param>
    /// <param name="tar">Its content, which can be read twice.</param>
    /// <param name="split">The split whose samples it holds; null for none.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>What its manifest is to say of it.</returns>
    public static async Task<Shard> StoreAsync(
        IObjectStore store, string key, Stream tar, string? split, CancellationToken cancellationToken)
    {
        tar.Position = 0;
        var sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(tar, cancellationToken));
        tar.Position = 0;
        await store.PutAsync(key, tar, cancellationToken: cancellationToken);
        return new Shard(key, tar.Length, sha256, split);
    }

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
