using System.Buffers.Binary;
using System.Text;
using VmDataset.Pipeline.Videos;
using VmDataset.Worker.Samples;

namespace VmDataset.Worker.Tests.Samples;

public sealed class Mp4IndexTests
{
    [Fact]
    public void A_files_index_tells_size_frames_rate_duration_and_codec()
    {
        byte[] file = [.. Box("ftyp", new byte[8]), .. Movie(Track("vide", 12_800, 64_000, 81, "avc1", 512, 320)), .. Box("mdat", new byte[9])];
        Read(file).ShouldBe(new VideoFacts(512, 320, 81, 16.2, 5, "avc1"));
    }

    [Fact]
    public void The_first_video_track_counts() =>
        Read(Movie(Track("soun", 44_100, 100, 5, "mp4a", 0, 0), Track("vide", 10, 60, 6, "mp4v", 48, 48), Track("vide", 1, 1, 1, "avc1", 1, 1)))
            .ShouldBe(new VideoFacts(48, 48, 6, 1, 6, "mp4v"));

    [Fact]
    public void A_header_of_64_bits_is_read_too() =>
        Read(Movie(Track("vide", 30, 60, 60, "avc1", 8, 8, isLong: true))).ShouldBe(new VideoFacts(8, 8, 60, 30, 2, "avc1"));

    [Fact]
    public void What_a_file_does_not_say_is_not_known()
    {
        Read(Movie(Track("vide", 0, 0, 0, "\u0001\u0002\u0003\u0004", 0, 0))).ShouldBe(new VideoFacts(null, null, null, null, null, null));
        Read(Movie(Track("soun", 1, 1, 1, "mp4a", 0, 0))).ShouldBeNull();
        Read(Box("ftyp", new byte[4])).ShouldBeNull();
        Read([]).ShouldBeNull();
    }

    [Fact]
    public void A_file_cut_off_anywhere_or_full_of_anything_is_read_without_an_error()
    {
        byte[] whole = [.. Box("ftyp", new byte[8]), .. Movie(Track("vide", 12_800, 64_000, 81, "avc1", 512, 320))];
        for (var length = 0; length <= whole.Length; length++) Read(whole[..length]);
        var random = new Random(1);
        for (var round = 0; round < 3_000; round++)
        {
            var spoilt = (byte[])whole.Clone();
            for (var i = 0; i < 6; i++) spoilt[random.Next(spoilt.Length)] = (byte)random.Next(256);
            Read(spoilt);
        }
    }

    [Fact]
    public void A_file_of_very_many_boxes_is_not_read_to_its_end()
    {
        var stream = new CountingStream([.. Enumerable.Range(0, 50_000).SelectMany(static _ => Box("free", []))]);
        Mp4Index.Read(stream).ShouldBeNull();
        stream.Reads.ShouldBeLessThan(3_000);
    }

    private static VideoFacts? Read(byte[] file) => Mp4Index.Read(new MemoryStream(file));

    private static byte[] Movie(params byte[][] tracks) => Box("moov", [.. Box("mvhd", new byte[100]), .. tracks.SelectMany(static track => track)]);

    private static byte[] Track(string handler, uint timescale, uint duration, uint frames, string codec, ushort width, ushort height, bool isLong = false)
    {
        byte[] header = isLong ? [1, 0, 0, 0, .. new byte[16], .. Big(timescale), .. Big(0), .. Big(duration), 0, 0, 0, 0]
            : [0, 0, 0, 0, .. new byte[8], .. Big(timescale), .. Big(duration), 0, 0, 0, 0];
        byte[] entry = [.. Big(86), .. Encoding.Latin1.GetBytes(codec), .. new byte[24], (byte)(width >> 8), (byte)width, (byte)(height >> 8), (byte)height, .. new byte[50]];
        var table = Box("stbl", [.. Box("stsd", [0, 0, 0, 0, .. Big(1), .. entry]), .. Box("stsz", [0, 0, 0, 0, 0, 0, 0, 0, .. Big(frames)])]);
        byte[] media = [.. Box("mdhd", header), .. Box("hdlr", [0, 0, 0, 0, 0, 0, 0, 0, .. Encoding.ASCII.GetBytes(handler), .. new byte[13]]), .. Box("minf", table)];
        return Box("trak", [.. Box("tkhd", new byte[84]), .. Box("mdia", media)]);
    }

    private static byte[] Box(string type, byte[] content) => [.. Big((uint)(8 + content.Length)), .. Encoding.ASCII.GetBytes(type), .. content];

    private static byte[] Big(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }

    private sealed class CountingStream(byte[] content) : MemoryStream(content)
    {
        public int Reads { get; private set; }

        public override int Read(Span<byte> buffer)
        {
            Reads++;
            return base.Read(buffer);
        }
    }
}
