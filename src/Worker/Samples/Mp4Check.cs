using System.Buffers.Binary;

namespace VmDataset.Worker.Samples;

/// <summary>Checks that an MP4's boxes (ISO/IEC 14496-12) fill the file and that its type and index are there: they are missing when the
/// writer was never closed or the disk was full. The pictures are not decoded.</summary>
internal static class Mp4Check
{
    /// <returns>What is wrong, or null.</returns>
    public static string? FindDefect(Stream mp4, CancellationToken cancellationToken)
    {
        bool type = false, index = false;
        var (boxes, length) = (0, mp4.Length);
        Span<byte> head = stackalloc byte[16];
        for (long position = 0; position < length;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (++boxes > SampleLimits.Mp4Boxes) return $"it has too many boxes; allowed: at most {SampleLimits.Mp4Boxes}";
            mp4.Position = position;
            var read = mp4.ReadAtLeast(head, 16, throwOnEndOfStream: false);
            if (read < 8) return "a box is cut off";
            long size = BinaryPrimitives.ReadUInt32BigEndian(head);
            // 1: a 64-bit size follows. 0: the box reaches to the end of the file.
            if (size == 1 && read == 16) size = (long)BinaryPrimitives.ReadUInt64BigEndian(head[8..]);
            else if (size == 0) size = length - position;
            if (size < 8 || size > length - position) return "a box is cut off";
            type |= head[4..8].SequenceEqual("ftyp"u8);
            index |= head[4..8].SequenceEqual("moov"u8);
            position += size;
        }

        return type && index ? null : "it has no file type or no index (the video writer was not closed)";
    }
}
