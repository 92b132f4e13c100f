using VmDataset.Cli.Output;

namespace VmDataset.Cli.Tests;

public sealed class TextTests
{
    [Theory]
    [InlineData("a\u001b[31mb\u0007c", "a\\u001b[31mb\\u0007c")]
    [InlineData("\u009b2J", "\\u009b2J")]
    [InlineData("a\u202eb\u2066c\ufeff", "a\\u202eb\\u2066c\\ufeff")]
    [InlineData("[bold]é 漢 🎲[/]", "[bold]é 漢 🎲[/]")]
    [InlineData("one\r\ntwo\tthree\u0000", "one\ntwo    three\\u0000")]
    public void Text_of_others_keeps_its_letters_and_shows_what_would_steer_a_terminal(string text, string shown) => Text.Clean(text).ShouldBe(shown);

    [Fact]
    public void A_line_has_no_line_ends() => Text.Line(" one\r\ntwo\u2028three\n").ShouldBe("one two three");

    [Theory]
    [InlineData(0.02, "0.02 s")]
    [InlineData(4, "4 s")]
    [InlineData(59.6, "1 min")]
    [InlineData(200, "3 min 20 s")]
    [InlineData(7500, "2 h 5 min")]
    public void Durations_have_two_units_at_most(double seconds, string shown) => Figures.Duration(seconds).ShouldBe(shown);

    [Theory]
    [InlineData(999, "999 bytes")]
    [InlineData(85_480, "85.5 kB")]
    [InlineData(340_000_000_000, "340 GB")]
    public void Bytes_have_three_digits(double bytes, string shown) => Figures.Bytes(bytes).ShouldBe(shown);
}
