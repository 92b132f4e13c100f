using System.CommandLine;
using VmDataset.Pipeline.Settings;
using VmDataset.Worker.Hosting;

namespace VmDataset.Worker.Tests.Hosting;

public sealed class CommandLineTests
{
    private readonly List<string> _ran = [];

    [Theory]
    [InlineData]
    [InlineData("--Port", "9000")]
    [InlineData("--Port=9000", "/Engine", "Local", "--ConnectionStrings:A", "@file", "-x=1", "Lanes=4")]
    public async Task Settings_reach_the_program_as_they_are(params string[] settings)
    {
        (await Program().InvokeAsync(settings)).ShouldBe(0);
        _ran.ShouldBe(["run", .. settings]);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("--version")]
    [InlineData("--Lanes", "4", "--help")]
    [InlineData("list", "--help")]
    public async Task Help_and_version_run_nothing(params string[] args)
    {
        (await Program().InvokeAsync(args)).ShouldBe(0);
        _ran.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("'lst' is no command", "lst")]
    [InlineData("folder", "list")]
    [InlineData("'b' is one argument too many.", "list", "a", "b")]
    public async Task Wrong_usage_says_what_is_allowed(string phrase, params string[] args)
    {
        var wrong = await Should.ThrowAsync<StartUpException>(() => Program().InvokeAsync(args));
        wrong.Message.ShouldContain(phrase);
        wrong.Message.ShouldContain("llowed: list <folder>, or nothing but settings.");
        _ran.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_verb_takes_its_argument_and_gives_its_exit_code()
    {
        (await Program().InvokeAsync(["list", "a"])).ShouldBe(7);
        _ran.ShouldBe(["list a"]);
    }

    private RootCommand Program()
    {
        var folder = new Argument<string>("folder");
        var list = new Command("list") { folder };
        list.SetAction(parsed =>
        {
            _ran.Add($"list {parsed.GetValue(folder)}");
            return 7;
        });
        return CommandLine.Program("A test.", settings =>
        {
            _ran.AddRange(["run", .. settings]);
            return Task.FromResult(0);
        }, list);
    }
}
