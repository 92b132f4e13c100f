using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Configuration;
using VmDataset.Pipeline.Settings;

namespace VmDataset.Pipeline.Tests.Settings;

public class SettingsBinderTests
{
    [Theory]
    [InlineData("MaxRows")]
    [InlineData("maxrows")]
    [InlineData("MAX_ROWS")]
    public void A_setting_has_two_spellings_in_any_case(string name) => Bind((name, "7")).MaxRows.ShouldBe(7);

    [Fact]
    public void The_command_lines_spelling_wins() => Bind(("MaxRows", "7"), ("MAX_ROWS", "8")).MaxRows.ShouldBe(7);

    [Fact]
    public void A_property_without_the_attribute_is_no_setting() => Bind(("INNER", "7")).Inner.ShouldBe(1);

    [Fact]
    public void An_absent_setting_leaves_the_default()
    {
        var options = Bind();
        (options.MaxRows, options.Color, options.IsLoud, options.Title, options.Names, options.Address, options.Pause)
            .ShouldBe((5, Shade.Light, false, "none", null, null, TimeSpan.FromSeconds(3)));
    }

    [Fact]
    public void Each_type_of_property_has_a_form()
    {
        var options = Bind(("MAX_ROWS", "007"), ("COLOR", "dARK"), ("IS_LOUD", "True"), ("TITLE", " a "), ("NAMES", "a; b,,c"),
            ("ADDRESS", "http://a"), ("PAUSE_SECONDS", "60"));
        (options.MaxRows, options.Color, options.IsLoud, options.Title, options.Address, options.Pause)
            .ShouldBe((7, Shade.Dark, true, " a ", new Uri("http://a"), TimeSpan.FromMinutes(1)));
        options.Names.ShouldBe(["a", "b", "c"]);
    }

    [Fact]
    public void An_empty_text_is_unset()
    {
        var options = Bind(("TITLE", ""), ("NAMES", ""), ("ADDRESS", ""), ("REGION", ""), ("DEFAULT_REGION", "north"));
        (options.Title, options.Names, options.Address, options.Region).ShouldBe(("none", null, null, "north"));
    }

    [Theory]
    [InlineData("MAX_ROWS", "an integer from 1 to 1,000", "", " 7", "-7", "+7", "0x7", "7.0", "1e2", "seven", "0", "1001", "99999999999")]
    [InlineData("PAUSE_SECONDS", "an integer from 1 to 60", "", "0", "61", "00:00:05")]
    [InlineData("COLOR", "Light, Dark", "", "1", "Light,Dark", "green")]
    [InlineData("IS_LOUD", "true or false", "", "1", "yes")]
    [InlineData("ADDRESS", "an address", "a", "ftp://a", "http://")]
    public void A_wrong_text_is_shown_with_the_allowed_ones(string name, string allowed, params string[] texts)
    {
        foreach (var text in texts)
            Errors((name, text)).ShouldBe([$"- {name} is '{text}'; allowed: {allowed}."]);
    }

    [Fact]
    public void All_errors_of_all_options_come_together_in_order_of_their_names()
    {
        var settings = new SettingsBinder(Configuration([("TITLE", "secret"), ("MAX_ROWS", "0"), ("COLOR", "green")]));
        settings.Bind(new Sample());
        settings.Bind(new Other());
        settings.AddError("BOTH are set.");

        Should.Throw<StartUpException>(settings.ThrowIfWrong).Message.ShouldBe("""
            The settings are wrong:
            - BOTH are set.
            - COLOR is 'green'; allowed: Light, Dark.
            - MAX_ROWS is '0'; allowed: an integer from 1 to 1,000.
            - NEEDED is not set; allowed: a word.
            - TITLE is secret, which nobody else may know.
            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void A_correct_setting_causes_no_error() => Errors(("MAX_ROWS", "1")).ShouldBeEmpty();

    private static Sample Bind(params (string Name, string Text)[] texts)
    {
        var settings = new SettingsBinder(Configuration(texts));
        var options = settings.Bind(new Sample());
        settings.ThrowIfWrong();
        return options;
    }

    private static string[] Errors(params (string Name, string Text)[] texts)
    {
        try
        {
            Bind(texts);
            return [];
        }
        catch (StartUpException exception)
        {
            return exception.Message.Split('\n')[1..];
        }
    }

    private static IConfiguration Configuration((string Name, string Text)[] texts) =>
        new ConfigurationBuilder()
            .AddInMemoryCollection(texts.Select(static text => KeyValuePair.Create<string, string?>(text.Name, text.Text))).Build();
}

public enum Shade
{
    Light,
    Dark,
}

internal sealed record Sample : IValidatableObject
{
    [WholeNumber(1, 1_000)]
    public int? MaxRows { get; init; } = 5;

    [Setting]
    public Shade Color { get; init; }

    [Setting]
    public bool IsLoud { get; init; }

    [Setting]
    public string Title { get; init; } = "none";

    [Setting]
    public IReadOnlyList<string>? Names { get; init; }

    [HttpUrl(Allowed = "an address")]
    public Uri? Address { get; init; }

    [WholeNumber(1, 60, Name = "PAUSE_SECONDS")]
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(3);

    [Setting(Fallback = "DEFAULT_REGION")]
    public string? Region { get; init; }

    public int Inner { get; init; } = 1;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Title == "secret") yield return new("TITLE is secret, which nobody else may know.");
    }
}

internal sealed record Other
{
    [Setting(Required = true, Allowed = "a word")]
    public string Needed { get; init; } = "";
}
