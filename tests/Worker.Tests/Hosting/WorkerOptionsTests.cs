using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using VmDataset.Pipeline.Settings;
using VmDataset.Worker.Lanes;
using VmDataset.Worker.Options;

namespace VmDataset.Worker.Tests.Hosting;

public class WorkerOptionsTests
{
    [Fact]
    public void A_worker_does_not_start_with_options_out_of_range() =>
        Should.Throw<OptionsValidationException>(static () => new WorkerHarness(lanes: 0).Get<LanePool>())
            .Failures.ShouldBe(["LANES is '0'; allowed: an integer from 1 to 256."]);

    [Fact]
    public void More_lanes_may_live_where_more_may_work()
    {
        var options = Bind(("LANES", "200"));
        (options.Lanes, options.MaxLiveLanes).ShouldBe((200, 400));
    }

    [Fact]
    public void The_defaults_are_allowed() => Bind().CheckGenerators.ShouldBeTrue();

    [Theory]
    [InlineData("SCRATCH_DIR", "/nowhere")]
    [InlineData("NAME", "mine")]
    [InlineData("LEASE", "00:01")]
    public void Options_that_the_program_sets_are_no_settings(string name, string text) =>
        Bind((name, text)).ShouldBe(Bind());

    private static WorkerOptions Bind(params (string Name, string Text)[] texts)
    {
        var settings = new SettingsBinder(new ConfigurationBuilder()
            .AddInMemoryCollection(texts.Select(static text => KeyValuePair.Create<string, string?>(text.Name, text.Text))).Build());
        var options = settings.Bind(new WorkerOptions { ScratchDir = "scratch", StateDir = "state" });
        settings.ThrowIfWrong();
        return options;
    }
}
