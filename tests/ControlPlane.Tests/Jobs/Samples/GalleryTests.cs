using System.Net;
using System.Text.RegularExpressions;

namespace VmDataset.ControlPlane.Tests.Jobs.Samples;

public sealed partial class GalleryTests(Api api) : IClassFixture<Api>
{
    [Fact]
    public async Task The_gallery_is_a_page_that_runs_its_own_script_alone()
    {
        using var client = api.Client();
        using var answer = await client.GetAsync(new Uri("/jobs/20261123-130501-9f3c2a7b", UriKind.Relative));
        var html = await answer.Content.ReadAsStringAsync();

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Content.Headers.ContentType!.ToString().ShouldBe("text/html; charset=utf-8");
        var policy = answer.Headers.GetValues("Content-Security-Policy").ShouldHaveSingleItem();
        policy.ShouldContain("script-src 'sha256-");
        policy.ShouldNotContain("unsafe");
        html.ShouldNotContain("innerHTML");
        Script().Count(html).ShouldBe(1);
    }

    [GeneratedRegex("<script")]
    private static partial Regex Script();
}
