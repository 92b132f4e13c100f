using System.Buffers.Binary;

namespace VmDataset.Worker.Samples;

/// <summary>Reads from an MP4's index (ISO/IEC 14496-12) what its first video track is. Nothing there is trusted: few bytes are read, and a
/// figure that makes no sense is none.</summary>
internal sealed class Mp4Index
{
    // A track has some twenty boxes; whoever writes thousands is not read to the end.
    private const int MaxBoxes = 1_000;
    private readonly Stream _mp4;
    private int _boxes;
    private uint _timescale;
    private long _duration, _frames;
    private int _width, _height;
    private string? _codec;
    private bool _isVideo;

    private Mp4Index(Stream mp4) => _mp4 = mp4;

    /// <param name="mp4">A file that <see cref="Mp4Check"/> has found whole.</param>
    /// <returns>Null if it has no video track.</returns>
    public static VideoFacts? Read(Stream mp4)
    {
        var index = new Mp4Index(mp4);
        return index.FindTrack(0, mp4.Length) ? index.Facts() : null;
    }

    private VideoFacts Facts()
    {
        var seconds = _timescale > 0 && _duration > 0 ? (double)_duration / _timescale : (double?)null;
        int? frames = _frames is > 0 and <= int.MaxValue ? (int)_frames : null;
        return new VideoFacts(_width > 0 ? _width : null, _height > 0 ? _height : null, frames,
            frames / seconds is { } fps ? Math.Round(fps, 3) : null, seconds is { } duration ? Math.Round(duration, 3) : null, _codec);
    }

    private bool FindTrack(long start, long end)
    {
        foreach (var (type, from, to) in Boxes(start, end))
        {
            if (type == "moov") return FindTrack(from, to);
            if (type != "trak") continue;
            (_isVideo, _timescale, _duration, _frames, _width, _height, _codec) = (false, 0, 0, 0, 0, 0, null);
            ReadTrack(from, to);
            if (_isVideo) return true;
        }

        return false;
    }

    private void ReadTrack(long start, long end)
    {
        foreach (var (type, from, to) in Boxes(start, end))
        {
            switch (type)
            {
                case "mdia" or "minf" or "stbl":
                    ReadTrack(from, to);
                    break;
                case "mdhd":
                    ReadHeader(Content(from, to, 32));
                    break;
                case "hdlr":
                    _isVideo = Content(from, to, 12) is { Length: 12 } handler && handler.AsSpan(8).SequenceEqual("vide"u8);
                    break;
                case "stsd":
                    ReadEntry(Content(from, to, 44));
                    break;
                case "stsz":
                    if (Content(from, to, 12) is { Length: 12 } sizes) _frames = BinaryPrimitives.ReadUInt32BigEndian(sizes.AsSpan(8));
                    break;
            }
        }
    }

    // Version 1 has 64 bits for its times and its duration.
    private void ReadHeader(byte[] content)
    {
        var isLong = content is [1, ..];
        if (content.Length < (isLong ? 32 : 20)) return;
        _timescale = BinaryPrimitives.ReadUInt32BigEndian(content.AsSpan(isLong ? 20 : 12));
        _duration = isLong ? BinaryPrimitives.ReadInt64BigEndian(content.AsSpan(24)) : BinaryPrimitives.ReadUInt32BigEndian(
            content.AsSpan(16));
    }

    // The first sample entry, behind version, flags and count: size, four letters, and in a video's the sides at 24 bytes from its content.
    private void ReadEntry(byte[] content)
    {
        if (content.Length < 44) return;
        var letters = content.AsSpan(12, 4);
        if (letters.IndexOfAnyExceptInRange((byte)' ', (byte)'~') < 0) _codec = Encoding.ASCII.GetString(letters).TrimEnd();
        _width = BinaryPrimitives.ReadUInt16BigEndian(content.AsSpan(40));
        _height = BinaryPrimitives.ReadUInt16BigEndian(content.AsSpan(42));
    }

    private IEnumerable<(string Type, long From, long To)> Boxes(long start, long end)
    {
        var head = new byte[16];
        for (var position = start; end - position >= 8 && ++_boxes <= MaxBoxes;)
        {
            _mp4.Position = position;
            var read = _mp4.ReadAtLeast(head, 16, throwOnEndOfStream: false);
            if (read < 8) yield break;
            long size = BinaryPrimitives.ReadUInt32BigEndian(head);
            var header = size == 1 ? 16 : 8;
            if (size == 1 && read == 16) size = BinaryPrimitives.ReadInt64BigEndian(head.AsSpan(8));
            else if (size == 0) size = end - position;
            if (size < header || size > end - position) yield break;
            yield return (Encoding.Latin1.GetString(head, 4, 4), position + header, position + size);
            position += size;
        }
    }

    private byte[] Content(long from, long to, int most)
    {
        var content = new byte[Math.Min(most, to - from)];
        _mp4.Position = from;
        return content[..Math.Max(0, _mp4.ReadAtLeast(content, content.Length, throwOnEndOfStream: false))];
    }
}
