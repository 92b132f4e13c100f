using System.Text.RegularExpressions;
using VmDataset.Pipeline.Aws;
using VmDataset.Pipeline.Settings;
using VmDataset.Worker.Options;

namespace VmDataset.ControlPlane.Tests.Hosting;

/// <summary>docs/configuration.md and the options classes name the same settings.</summary>
public sealed partial class DocumentedSettingsTests
{
    [Fact]
    public void Every_setting_is_documented_and_every_documented_setting_exists()
    {
        // Lambda itself sets these, and a command's flags are in its --help.
        var bound = new[] { typeof(Program), typeof(WorkerOptions), typeof(AwsOptions) }.SelectMany(static type => type.Assembly.GetTypes()).SelectMany(Names)
            .Where(static name => !name.StartsWith("AWS_LAMBDA_", StringComparison.Ordinal) && name[0] != '-').Distinct().Order(StringComparer.Ordinal).ToList();
        var documented = File.ReadLines(Path.Combine(Root(), "docs", "configuration.md"))
            .Select(static line => Row().Match(line)).Where(static row => row.Success).Select(static row => row.Groups[1].Value).Order(StringComparer.Ordinal).ToList();

        bound.ShouldContain("DATA_DIR");
        documented.ShouldBe(bound);
    }

    private static IEnumerable<string> Names(Type options) => SettingsBinder.SettingsOf(options)
        .SelectMany(static pair => new[] { pair.Setting.NameFor(pair.Property.Name), pair.Setting.Fallback }).OfType<string>();

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "ControlPlane.sln"))) folder = Path.GetDirectoryName(folder)!;
        return folder;
    }

    [GeneratedRegex("^\\| `([A-Z0-9_]+)` \\|")]
    private static partial Regex Row();
}
