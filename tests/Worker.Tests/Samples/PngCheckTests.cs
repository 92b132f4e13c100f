using VmDataset.Worker.Samples;

namespace VmDataset.Worker.Tests.Samples;

public class PngCheckTests
{
    [Theory]
    [InlineData(TestPng.Grey, 8, false)]
    [InlineData(TestPng.Grey, 1, false)]
    [InlineData(TestPng.Rgb, 8, false)]
    [InlineData(TestPng.Rgb, 16, false)]
    [InlineData(TestPng.Palette, 4, false)]
    [InlineData(TestPng.GreyAlpha, 8, false)]
    [InlineData(TestPng.Rgba, 8, false)]
    [InlineData(TestPng.Rgb, 8, true)]
    [InlineData(TestPng.Grey, 1, true)]
    public void A_whole_picture_has_no_defect(byte colour, byte depth, bool interlaced) =>
        Check(TestPng.Make(13, 7, colour, depth, interlaced)).ShouldBeNull();

    [Fact]
    public void A_picture_cut_off_anywhere_has_one()
    {
        var png = TestPng.Make(13, 7);
        for (var length = 0; length < png.Length; length++) Check(png[..length]).ShouldNotBeNull($"{length} bytes");
    }

    [Fact]
    public void A_picture_with_any_byte_changed_has_one()
    {
        var png = TestPng.Make(13, 7);
        for (var at = 0; at < png.Length; at++)
        {
            var broken = (byte[])png.Clone();
            broken[at] ^= 0x10;
            Check(broken).ShouldNotBeNull($"byte {at}");
        }
    }

    [Fact]
    public void Image_data_must_be_what_the_header_says()
    {
        // The checksums of these are right.
        Check(TestPng.Make(13, 7, rows: 6)).ShouldBe("its image data is too short");
        Check(TestPng.Make(13, 7, rows: 8)).ShouldBe("its image data is too long");
        Check(TestPng.Make(13, 7, filter: 7)).ShouldBe("a row has an unknown filter");
    }

    [Theory]
    [InlineData("")]
    [InlineData("GIF89a")]
    [InlineData("<html>not found</html>")]
    public void Other_content_is_no_picture(string text) =>
        Check(System.Text.Encoding.ASCII.GetBytes(text)).ShouldBe("it does not begin with the PNG signature");

    private static string? Check(byte[] png) =>
        PngCheck.FindDefect(new MemoryStream(png), SampleLimits.AllPngBytes, TestContext.Current.CancellationToken).Defect;
}
