using System.Buffers;
using System.Buffers.Binary;
using System.IO.Hashing;

namespace VmDataset.Worker.Samples;

/// <summary>Reads a PNG chunk by chunk, each with its checksum. As a stream it is the image data, the content of all IDAT chunks.</summary>
internal sealed class PngChunks(Stream png, CancellationToken cancellationToken) : Stream
{
    private const int Frame = 12; // length, type and checksum

    private readonly Crc32 _crc = new();
    private long _left = -1;

    /// <summary>What is wrong with the chunks read so far, or null. Nothing more is read then.</summary>
    public string? Defect { get; private set; }

    /// <summary>The four letters of the chunk at hand.</summary>
    public uint Type { get; private set; }

    public const uint Header = 0x49484452, Data = 0x49444154, End = 0x49454E44; // IHDR, IDAT, IEND

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Goes to the next chunk; false at a defect.</summary>
    public bool Next()
    {
        if (Defect is not null || !FinishChunk()) return false;
        cancellationToken.ThrowIfCancellationRequested();
        Span<byte> head = stackalloc byte[8];
        if (png.Length - png.Position < Frame) return Fail("its end is missing: it was cut off");
        png.ReadExactly(head);
        _left = BinaryPrimitives.ReadUInt32BigEndian(head);
        if (_left > png.Length - png.Position - 4) return Fail("a chunk is longer than the file: it was cut off");
        Type = BinaryPrimitives.ReadUInt32BigEndian(head[4..]);
        _crc.Reset();
        _crc.Append(head[4..]);
        return true;
    }

    /// <summary>The next chunk's content, if it is of this type and length.</summary>
    public byte[]? NextOf(uint type, int length)
    {
        if (!Next() || Type != type || _left != length) return null;
        var content = new byte[length];
        ReadContent(content);
        return content;
    }

    /// <summary>Goes on to the end, past the rest of the image data.</summary>
    public void Finish()
    {
        while (Type != End && Next())
        {
        }

        if (Defect is null) FinishChunk();
    }

    public override int Read(Span<byte> buffer)
    {
        while (Type != Data || _left <= 0)
            if (Type == End || !Next()) return 0;
        return ReadContent(buffer);
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private int ReadContent(Span<byte> buffer)
    {
        var wanted = (int)Math.Min(_left, buffer.Length);
        png.ReadExactly(buffer[..wanted]);
        _crc.Append(buffer[..wanted]);
        _left -= wanted;
        return wanted;
    }

    private bool FinishChunk()
    {
        if (_left < 0) return true;
        if (_left > 0) Skip();
        Span<byte> sum = stackalloc byte[4];
        png.ReadExactly(sum);
        _left = -1;
        return BinaryPrimitives.ReadUInt32BigEndian(sum) == _crc.GetCurrentHashAsUInt32() || Fail("a chunk's checksum is wrong");
    }

    private void Skip()
    {
        var buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        while (_left > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ReadContent(buffer);
        }

        ArrayPool<byte>.Shared.Return(buffer);
    }

    private bool Fail(string defect)
    {
        Defect = defect;
        return false;
    }
}
