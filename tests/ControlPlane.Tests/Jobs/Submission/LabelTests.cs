using System.Net;
using System.Text.Json;

namespace VmDataset.ControlPlane.Tests.Jobs.Submission;

/// <summary>What a job says for people, and the lists that find it by that.</summary>
public sealed class LabelTests : IAsyncDisposable
{
    private readonly Api _api = new();

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task A_job_shows_its_name_tags_and_notes_and_passes_its_time_limit_on()
    {
        var job = await _api.SubmitAsync("""{"generators": ["alpha"], "samples": 1, "name": "Mazes <b>", "tags": ["team:vision", "a=1"], "notes": "One\nTwo", "timeout_seconds": 300}""");

        var view = await _api.GetAsync($"/v1/jobs/{job.Id}");
        view.GetProperty("name").GetString().ShouldBe("Mazes <b>");
        view.GetProperty("tags").GetRawText().ShouldBe("""["team:vision","a=1"]""");
        view.GetProperty("notes").GetString().ShouldBe("One\nTwo");
        view.At("spec.timeout_seconds").GetInt32().ShouldBe(300);
        (await _api.DrainAsync()).ShouldHaveSingleItem().TimeoutSeconds.ShouldBe(300);
    }

    [Theory]
    [InlineData("\"name\": \"\"", "name")]
    [InlineData("\"name\": \"two\\nlines\"", "name")]
    [InlineData("\"tags\": []", "tags")]
    [InlineData("\"tags\": \"a\"", "tags")]
    [InlineData("\"tags\": [\"a\", \"a\"]", "tags[1]")]
    [InlineData("\"tags\": [\"-a\"]", "tags[0]")]
    [InlineData("\"tags\": [5]", "tags[0]")]
    [InlineData("\"notes\": \"\\u0000\"", "notes")]
    [InlineData("\"timeout_seconds\": 0", "timeout_seconds")]
    public async Task Labels_and_limits_that_are_wrong_are_refused_by_their_field(string field, string named)
    {
        var problem = await _api.PostJobAsync($$"""{"generators": ["alpha"], "samples": 1, {{field}}}""", HttpStatusCode.BadRequest);
        problem.ErrorOf(named).ShouldContain("allowed: ");
    }

    [Fact]
    public async Task A_list_shows_the_jobs_that_fit_every_filter()
    {
        var start = await SubmitAsync(0, "alpha", "\"x\"");
        var second = await SubmitAsync(60, "beta", "\"x\", \"y\"");
        var third = await SubmitAsync(120, "alpha", "\"y\"");
        await _api.FinishAsync((await _api.FindAsync(third))!, "alpha", 0, 1);
        var at = (await _api.GetAsync($"/v1/jobs/{second}")).GetProperty("created_at").GetString()!;

        (await ListAsync("tag=x")).ShouldBe([second, start]);
        (await ListAsync("tag=y&generator=alpha")).ShouldBe([third]);
        (await ListAsync("state=succeeded")).ShouldBe([third]);
        (await ListAsync("state=running&tag=y")).ShouldBe([second]);
        (await ListAsync("created_by=local")).Count.ShouldBe(3);
        (await ListAsync("created_by=key:0")).ShouldBeEmpty();
        (await ListAsync($"since={at}")).ShouldBe([third, second]);
        (await ListAsync($"until={at}")).ShouldBe([start]);
        (await ListAsync($"since={at}&until={at}")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_filtered_list_is_paged_without_loss_or_repetition()
    {
        List<string> wanted = [];
        for (var i = 0; i < 12; i++)
        {
            var id = await SubmitAsync(i, i % 3 == 0 ? "beta" : "alpha", "\"x\"");
            if (i % 3 != 0) wanted.Insert(0, id);
        }

        List<string> found = [];
        var query = "generator=alpha&limit=3";
        while (true)
        {
            var page = await _api.GetAsync($"/v1/jobs?{query}");
            found.AddRange(Ids(page));
            if (!page.TryGetProperty("next_cursor", out var next)) break;
            Ids(page).Count.ShouldBe(3);
            query = $"generator=alpha&limit=3&cursor={next.GetString()}";
        }

        found.ShouldBe(wanted);
    }

    [Theory]
    [InlineData("state=done", "state")]
    [InlineData("tag=-", "tag")]
    [InlineData("generator=..", "generator")]
    [InlineData("since=yesterday", "since")]
    [InlineData("until=2026-11-28", "until")]
    [InlineData("owner=me", "owner")]
    public async Task A_wrong_filter_is_refused(string query, string named) =>
        (await _api.GetAsync($"/v1/jobs?{query}", HttpStatusCode.BadRequest)).ErrorOf(named).ShouldContain("allowed: ");

    private async Task<string> SubmitAsync(int seconds, string generator, string tags)
    {
        _api.Time.Shift = TimeSpan.FromSeconds(seconds);
        return (await _api.SubmitAsync($$"""{"generators": ["{{generator}}"], "samples": 1, "tags": [{{tags}}]}""")).Id;
    }

    private async Task<List<string>> ListAsync(string query) => Ids(await _api.GetAsync($"/v1/jobs?{query}"));

    private static List<string> Ids(JsonElement page) =>
        [.. page.GetProperty("items").EnumerateArray().Select(static job => job.GetProperty("id").GetString()!)];
}
