using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using VmDataset.Pipeline.Progress;
using VmDataset.Pipeline.Storage;
using VmDataset.Worker.Samples;

namespace VmDataset.Worker.Publishing;

/// <summary>
/// Writes one WebDataset shard: a plain tar in which all members of a sample are consecutive and named
/// <c>&lt;domain&gt;_&lt;index&gt;.&lt;file&gt;</c> (the key is the name up to its first dot). Owner, mode and time are fixed, so equal
/// samples give equal bytes.
/// </summary>
internal sealed class ShardWriter : IAsyncDisposable
{
    private readonly string _path;
    private readonly FileStream _file;
    private readonly TarWriter _tar;

    public ShardWriter(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        _path = path;
        _file = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read);
        _tar = new TarWriter(_file, TarEntryFormat.Ustar, leaveOpen: true);
    }

    public string? Domain { get; private set; }

    public List<SampleRecord> Samples { get; } = [];

    /// <summary>Whether the sample may follow those that are here: next index, same domain, same fields.</summary>
    public bool Takes(Sample sample) => Samples is [] || (Domain == sample.Domain && Samples[^1].Index + 1 == sample.Record.Index
        && Samples[0].Files.Select(static file => file.Name).SequenceEqual(sample.Record.Files.Select(static file => file.Name)));

    public async Task AddAsync(Sample sample, CancellationToken cancellationToken)
    {
        Domain = sample.Domain;
        foreach (var file in sample.Record.Files)
        {
            await using var content = File.OpenRead(sample.PathOf(file));
            var member = Member(ObjectKeys.ShardMember(sample.Domain, sample.Record.Index, file.Name));
            member.DataStream = content;
            member.Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
            member.ModificationTime = DateTimeOffset.UnixEpoch;
            await _tar.WriteEntryAsync(member, cancellationToken);
        }

        Samples.Add(sample.Record);
    }

    // The plain format has 100 bytes for a name; GNU's extension for longer ones is read everywhere too.
    private static TarEntry Member(string name) =>
        Encoding.UTF8.GetByteCount(name) <= 100 ? new UstarTarEntry(TarEntryType.RegularFile, name) : new GnuTarEntry(TarEntryType.RegularFile, name);

    /// <summary>Closes the tar and hands out its content, from the start.</summary>
    public async Task<FileStream> FinishAsync(CancellationToken cancellationToken)
    {
        await _tar.DisposeAsync();
        await _file.FlushAsync(cancellationToken);
        _file.Position = 0;
        return _file;
    }

    /// <summary>SHA-256 of a stream in lower-case hex; leaves it at its start.</summary>
    public static async Task<string> HashAsync(Stream tar, CancellationToken cancellationToken)
    {
        var hash = await SHA256.HashDataAsync(tar, cancellationToken);
        tar.Position = 0;
        return Convert.ToHexStringLower(hash);
    }

    public async ValueTask DisposeAsync()
    {
        await _tar.DisposeAsync();
        await _file.DisposeAsync();
        File.Delete(_path);
    }
}
