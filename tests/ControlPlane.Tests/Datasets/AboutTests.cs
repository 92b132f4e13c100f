using System.Net;
using System.Text.Json;

namespace VmDataset.ControlPlane.Tests.Datasets;

/// <summary>What a dataset says of itself where its job says so.</summary>
public sealed class AboutTests : IAsyncDisposable
{
    private const string About = """
        {"title": "Mazes \"A: B\"", "license": "CC-BY-4.0", "url": "https://example.org/mazes", "creator": "Example Lab",
         "date_published": "2026-11-28", "version": "1.0.0", "cite_as": "@misc{mazes,\n  title = {Mazes}\n}"}
        """;

    private readonly Api _api = new();

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task Card_and_Croissant_have_licence_creator_page_date_version_and_citation()
    {
        var job = await _api.DrawnAsync($"{DrawnJobs.FilesBody[..^1]}, \"about\": {About}}}");
        await _api.DatasetAsync(job);
        var files = await _api.Store.FilesAsync(job);

        var card = files.Text("README.md");
        card.Split("---\n")[1].ShouldStartWith("pretty_name: \"Mazes \\\"A: B\\\"\"\nlicense: cc-by-4.0\ntask_categories:\n");
        card.ShouldContain("\n# Mazes \"A: B\"\n");
        card.ShouldContain("\n## About\n\n- Creator: Example Lab\n- Page: https://example.org/mazes\n- Version: 1.0.0\n- Published: 2026-11-28\n- Licence: CC-BY-4.0\n\nCite it as\n\n```\n@misc{mazes,\n  title = {Mazes}\n}\n```\n");
        var croissant = JsonElement.Parse(files["croissant.json"]);
        croissant.GetProperty("name").GetString().ShouldBe("Mazes \"A: B\"");
        croissant.GetProperty("license").GetString().ShouldBe("https://spdx.org/licenses/CC-BY-4.0");
        croissant.At("creator.name").GetString().ShouldBe("Example Lab");
        (croissant.GetProperty("url").GetString(), croissant.GetProperty("datePublished").GetString(), croissant.GetProperty("version").GetString())
            .ShouldBe(("https://example.org/mazes", "2026-11-28", "1.0.0"));
        croissant.GetProperty("citeAs").GetString().ShouldBe("@misc{mazes,\n  title = {Mazes}\n}");
        var spec = (await _api.GetAsync($"/v1/jobs/{job.Id}")).GetProperty("spec");
        (await _api.PostJobAsync(spec.GetRawText())).GetProperty("spec").GetRawText().ShouldBe(spec.GetRawText());
    }

    [Fact]
    public async Task A_dataset_of_which_nothing_was_said_has_none_of_it()
    {
        var job = await _api.DrawnAsync(DrawnJobs.FilesBody);
        await _api.DatasetAsync(job);
        var files = await _api.Store.FilesAsync(job);

        files.Text("README.md").ShouldNotContain("## About");
        foreach (var name in new[] { "license", "url", "creator", "datePublished", "version", "citeAs" })
            JsonElement.Parse(files["croissant.json"]).TryGetProperty(name, out _).ShouldBeFalse(name);
    }

    [Theory]
    [InlineData("{}", "about", "about is an object without fields; allowed: an object with one or more of title, license")]
    [InlineData("""{"licence": "MIT"}""", "about.licence", "about.licence is not a field; allowed: title, license")]
    [InlineData("""{"license": "MIT\"\nx: y"}""", "about.license", "allowed: an SPDX identifier, such as CC-BY-4.0")]
    [InlineData("""{"title": "a\nb"}""", "about.title", "allowed: a line of 1 to 200 characters")]
    [InlineData("""{"url": "javascript:alert(1)"}""", "about.url", "allowed: an http or https address")]
    [InlineData("""{"date_published": "28.11.2026"}""", "about.date_published", "allowed: a day as yyyy-MM-dd")]
    [InlineData("""{"cite_as": "a ``` b"}""", "about.cite_as", "without ```")]
    public async Task What_is_malformed_is_refused_by_its_field(string about, string field, string message) =>
        (await _api.PostJobAsync($"{DrawnJobs.FilesBody[..^1]}, \"about\": {about}}}", HttpStatusCode.BadRequest)).ErrorOf(field).ShouldContain(message);
}
