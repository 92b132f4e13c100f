using System.Formats.Tar;
using VmDataset.Worker.Samples;

namespace VmDataset.Worker.Publishing;

/// <summary>Writes one WebDataset shard: a plain tar in which all members of a sample are consecutive and named
/// <c>&lt;domain&gt;_&lt;index&gt;.&lt;file&gt;</c> (the key is the name up to its first dot). Owner, mode and time are fixed, so equal
/// samples give equal bytes. Whatever fails, it holds whole samples alone.</summary>
internal sealed class ShardWriter : IAsyncDisposable
{
    /// <summary>Bytes of samples that a shard takes, one larger sample apart. The same everywhere, as it shows in the dataset.</summary>
    public const long MaxBytes = 1L << 30;

    // A member is a block and its content in whole blocks; the end of an archive is two blocks of zeros.
    private const int Block = 512;

    /// <summary>Bytes of a tar's end.</summary>
    public const int EndBytes = 2 * Block;

    private const int MaxPlainName = 100;

    private readonly string _path;
    private readonly long _maxBytes;
    private readonly Stream _file;
    private readonly TarWriter _tar;
    private long _end;

    /// <param name="path">A file that is not there yet; removed in the end.</param>
    /// <param name="wrap">Puts a stream before the file's; for tests.</param>
    public ShardWriter(string path, long maxBytes = MaxBytes, Func<Stream, Stream>? wrap = null)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        (_path, _maxBytes) = (path, maxBytes);
        // Without a buffer, so that after a failure nothing waits to be written.
        var file = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        _file = wrap?.Invoke(file) ?? file;
        // Never disposed: it would write an end of its own, perhaps onto a full disk. It holds nothing but the file.
        _tar = new TarWriter(_file, TarEntryFormat.Ustar, leaveOpen: true);
    }

    public List<SampleRecord> Samples { get; } = [];

    /// <summary>Bytes of its whole samples.</summary>
    public long Bytes => Interlocked.Read(ref _end);

    /// <summary>Whether there is room for the sample; an empty shard takes any.</summary>
    public bool HasRoomFor(Sample sample) => Samples is []
        || _end + SizeOf(sample.Record) <= _maxBytes;

    /// <summary>Bytes that a sample takes in a shard.</summary>
    public static long SizeOf(SampleRecord sample) => sample.Files.Sum(static file => Block + Blocks(file.Bytes));

    /// <summary>Bytes that a member takes in a tar. A long name lies before it, as the content of a member of its own.</summary>
    public static long SizeOf(string name, long bytes) =>
        (IsLong(name) ? Block + Blocks(Encoding.UTF8.GetByteCount(name) + 1) : 0) + Block + Blocks(bytes);

    /// <summary>Adds a sample. When it throws, the shard is as it was before.</summary>
    /// <exception cref="InvalidSampleException">A file of the sample cannot be read, or is not what was read.</exception>
    /// <exception cref="IOException">The shard cannot be written: the disk is full.</exception>
    public async Task AddAsync(Sample sample, CancellationToken cancellationToken)
    {
        try
        {
            using var folder = sample.OpenFolder();
            foreach (var file in sample.Record.Files)
            {
                using var opened = sample.Open(folder, file);
                var member = Member(ObjectKeys.ShardMember(sample.Domain, sample.Record.Index, file.Name));
                await using var content = new SampleFileStream(file.Name, opened.Content);
                member.DataStream = content;
                await _tar.WriteEntryAsync(member, cancellationToken);
                opened.CheckUnchanged();
            }
        }
        catch
        {
            _file.SetLength(_end);
            _file.Position = _end;
            throw;
        }

        Samples.Add(sample.Record);
        _end = _file.Position;
    }

    /// <summary>A member that has no content yet, with owner, mode and time as in every tar.</summary>
    // The plain format has 100 bytes for a name; GNU's extension for longer ones is read everywhere too.
    public static PosixTarEntry Member(string name)
    {
        PosixTarEntry member = IsLong(name) ? new GnuTarEntry(TarEntryType.RegularFile, name)
            : new UstarTarEntry(TarEntryType.RegularFile, name);
        member.Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        member.ModificationTime = DateTimeOffset.UnixEpoch;
        return member;
    }

    /// <summary>Ends the tar and hands out its content, from the start.</summary>
    public Stream Finish()
    {
        // Zeros that are not written take no room, so that a full disk does not keep a shard from its end.
        _file.SetLength(_end + EndBytes);
        _file.Position = 0;
        return _file;
    }

    private static bool IsLong(string name) => Encoding.UTF8.GetByteCount(name) > MaxPlainName;

    private static long Blocks(long bytes) => (bytes + Block - 1) / Block * Block;

    public async ValueTask DisposeAsync()
    {
        await _file.DisposeAsync();
        File.Delete(_path);
    }
}
