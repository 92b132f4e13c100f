using System.Net;
using System.Security.Cryptography;
using System.Text.Json;

namespace VmDataset.ControlPlane.Tests.Console;

public sealed class AssetTests(Api api) : IClassFixture<Api>
{
    private const string Own = "hover-video.js";

    [Fact]
    public void The_vendored_files_are_those_of_the_recorded_versions()
    {
        var folder = Path.Combine(Root(), "src", "ControlPlane", "Console", "Assets");
        var recorded = JsonElement.Parse(File.ReadAllText(Path.Combine(folder, "vendored.json"))).EnumerateArray().ToList();

        foreach (var file in recorded)
        {
            var content = File.ReadAllBytes(Path.Combine(folder, file.GetProperty("file").GetString()!));
            Convert.ToHexStringLower(SHA256.HashData(content)).ShouldBe(file.GetProperty("sha256").GetString());
        }

        Directory.GetFiles(folder, "*.js").Select(Path.GetFileName).ShouldBe([Own, .. recorded.Select(static file => file.GetProperty("file").GetString()!)], ignoreOrder: true);
        var notices = File.ReadAllText(Path.Combine(Root(), "THIRD-PARTY-NOTICES.md"));
        recorded.ShouldAllBe(file => notices.Contains($"{file.GetProperty("package").GetString()} {file.GetProperty("version").GetString()} ({file.GetProperty("licence").GetString()}"));
    }

    [Fact]
    public async Task The_assets_are_kept_by_browsers_under_an_address_that_changes_with_their_content()
    {
        await api.SubmitAsync("""{"generators": ["alpha"], "samples": 1}""");
        using var browser = new Browser(api);
        var page = await browser.GetAsync("/");

        foreach (var url in page.QuerySelectorAll("script[src]").Select(static script => script.GetAttribute("src")!)
            .Concat(page.QuerySelectorAll("link").Select(static link => link.GetAttribute("href")!)))
        {
            using var answer = await browser.Client.GetAsync(new Uri(url, UriKind.Relative), TestContext.Current.CancellationToken);
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
            answer.Headers.CacheControl!.ToString().ShouldContain("immutable");
        }

        using var other = await browser.Client.GetAsync(new Uri("/assets/0000000000000000/console.css", UriKind.Relative), TestContext.Current.CancellationToken);
        other.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_page_with_its_script_and_style_weighs_less_than_100_kB()
    {
        await api.SubmitAsync("""{"generators": ["alpha"], "samples": 1}""");
        using var browser = new Browser(api);
        var html = await browser.Client.GetByteArrayAsync(new Uri("/", UriKind.Relative), TestContext.Current.CancellationToken);
        var page = await browser.GetAsync("/");
        var sizes = await Task.WhenAll(page.QuerySelectorAll("script[src]").Select(static script => script.GetAttribute("src")!)
            .Concat(page.QuerySelectorAll("link").Select(static link => link.GetAttribute("href")!))
            .Select(async url => (await browser.Client.GetByteArrayAsync(new Uri(url, UriKind.Relative))).Length));

        (html.Length + sizes.Sum()).ShouldBeLessThan(100_000);
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "ControlPlane.sln"))) folder = folder.Parent!;
        return folder.FullName;
    }
}
