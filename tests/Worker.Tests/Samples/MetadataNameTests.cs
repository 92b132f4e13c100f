using System.Text;
using System.Text.RegularExpressions;
using VmDataset.Worker.Samples;

namespace VmDataset.Worker.Tests.Samples;

public class MetadataNameTests
{
    // What says the same in one line, but needs memory for each character of a long text.
    private static readonly Regex TaskId = new("""("task_id"\s*:\s*)"(?:[^"\\]|\\.)*" """, RegexOptions.CultureInvariant | RegexOptions.IgnorePatternWhitespace);
    private static readonly string[] Parts = ["\"task_id\"", ":", " ", "\"", "\\", "\n", "\u2003", "x", "\\\"", "\"task_id\":\"a\"", "\"task_id\": 1", "\"chess_0\"", "{", "}"];

    [Fact]
    public void The_replacement_equals_that_of_the_regular_expression()
    {
        var random = new Random(20261128);
        for (var run = 0; run < 20_000; run++)
        {
            var text = string.Concat(random.GetItems(Parts, random.Next(12)));
            var expected = TaskId.Replace(text.Replace("\"chess_0\"", "\"chess_00000042\"", StringComparison.Ordinal), "$1\"chess_00000042\"", 1);
            var renamed = MetadataName.Replace(Encoding.UTF8.GetBytes(text), "chess_0", "chess_00000042");
            (renamed is null ? text : Encoding.UTF8.GetString(renamed)).ShouldBe(expected, text);
        }
    }
}
