using VmDataset.Worker.Samples;

namespace VmDataset.Worker.Publishing;

/// <summary>A sample's file while it is copied: a read that fails is the sample's failure, unlike a write of the copy.</summary>
internal sealed class SampleFileStream(string name, Stream content) : Stream
{
    private readonly long _length = content.Length;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    // As it was when it was opened, however long it has become.
    public override long Length => _length;

    public override long Position { get => content.Position; set => content.Position = value; }

    public override int Read(Span<byte> buffer)
    {
        try
        {
            var read = content.Read(buffer[..(int)Math.Min(buffer.Length, Math.Max(0, _length - content.Position))]);
            if (read == 0 && buffer.Length > 0 && content.Position < _length) throw SampleFile.Invalid(
                name, "it became shorter while it was copied");
            return read;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw SampleFile.Invalid(name, $"it could not be read: {failure.Message}");
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Read(buffer.Span));
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override long Seek(long offset, SeekOrigin origin) => content.Seek(offset, origin);

    public override void Flush() => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
