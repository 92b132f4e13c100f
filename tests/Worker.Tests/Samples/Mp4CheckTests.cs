using System.Buffers.Binary;
using VmDataset.Worker.Samples;

namespace VmDataset.Worker.Tests.Samples;

public class Mp4CheckTests
{
    [Fact]
    public void A_whole_file_has_no_defect()
    {
        Check([.. Box("ftyp", 8), .. Box("mdat", 100), .. Box("moov", 50)]).ShouldBeNull();
        Check([.. Box("ftyp", 8), .. Box("moov", 50), .. Box("mdat", 100, size: 0)]).ShouldBeNull();
        Check([.. Box("ftyp", 8), .. Box("moov", 50), 0, 0, 0, 1, .. "mdat"u8, 0, 0, 0, 0, 0, 0, 0, 20, 1, 2, 3, 4]).ShouldBeNull();
    }

    [Fact]
    public void A_file_whose_writer_was_never_closed_has_one() =>
        Check([.. Box("ftyp", 8), .. Box("mdat", 100)]).ShouldNotBeNull().ShouldContain("no index");

    [Fact]
    public void A_file_cut_off_anywhere_has_one()
    {
        byte[] whole = [.. Box("ftyp", 8), .. Box("mdat", 10), .. Box("moov", 20)];
        for (var length = 0; length < whole.Length; length++) Check(whole[..length]).ShouldNotBeNull($"{length} bytes");
    }

    [Fact]
    public void A_file_of_zeros_has_one() => Check(new byte[100]).ShouldNotBeNull();

    private static string? Check(byte[] content) => Mp4Check.FindDefect(new MemoryStream(content), TestContext.Current.CancellationToken);

    private static byte[] Box(string type, int payload, int? size = null)
    {
        var box = new byte[8 + payload];
        BinaryPrimitives.WriteInt32BigEndian(box, size ?? box.Length);
        System.Text.Encoding.ASCII.GetBytes(type).CopyTo(box, 4);
        return box;
    }
}
