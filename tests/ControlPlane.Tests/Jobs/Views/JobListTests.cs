using System.Net;
using System.Text.Json;

namespace VmDataset.ControlPlane.Tests.Jobs.Views;

public sealed class JobListTests : IAsyncDisposable
{
    private readonly Api _api = new();

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task The_list_pages_all_jobs_newest_first()
    {
        List<string> submitted = [];
        for (var i = 0; i < 7; i++)
        {
            _api.Time.Shift = TimeSpan.FromSeconds(i);
            submitted.Insert(0, (await _api.SubmitAsync("""{"generators": ["alpha"], "samples": 1}""")).Id);
        }

        List<string> listed = [];
        List<int> sizes = [];
        string? cursor = null;
        do
        {
            var page = await _api.GetAsync($"/v1/jobs?limit=3{(cursor is null ? "" : $"&cursor={cursor}")}");
            listed.AddRange(page.GetProperty("items").EnumerateArray().Select(job => job.GetProperty("id").GetString()!));
            sizes.Add(page.GetProperty("items").GetArrayLength());
            cursor = page.TryGetProperty("next_cursor", out var next) ? next.GetString() : null;
        }
        while (cursor is not null);

        listed.ShouldBe(submitted);
        sizes.ShouldBe([3, 3, 1]);
    }

    [Fact]
    public async Task The_list_shows_twenty_at_first_and_each_with_its_progress_but_not_per_generator()
    {
        for (var i = 0; i < 21; i++) await _api.SubmitAsync("""{"generators": ["alpha"], "samples": 2}""");

        var page = await _api.GetAsync("/v1/jobs");

        page.GetProperty("items").GetArrayLength().ShouldBe(20);
        page.GetProperty("next_cursor").ValueKind.ShouldBe(JsonValueKind.String);
        var job = page.GetProperty("items")[0];
        job.At("samples.total").GetInt32().ShouldBe(2);
        job.TryGetProperty("generators", out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData("limit=0", "limit", "limit is '0'; allowed: an integer from 1 to 100")]
    [InlineData("limit=101", "limit", "allowed: an integer from 1 to 100")]
    [InlineData("limit=", "limit", "limit is ''")]
    [InlineData("limit=ten", "limit", "limit is 'ten'")]
    [InlineData("limit=1&limit=2", "limit", "limit is '1,2'")]
    [InlineData("limit=%2B5", "limit", "limit is '+5'")]
    [InlineData("cursor=x", "cursor", "cursor is 'x'; allowed: the next_cursor of the page before, or none")]
    [InlineData("cursor=../../x", "cursor", "allowed: the next_cursor")]
    [InlineData("page=2", "page", "page is not a query parameter here; allowed: state, tag, generator, created_by, since, until, limit, cursor")]
    public async Task The_list_refuses_a_query_that_it_does_not_understand(string query, string field, string phrase)
    {
        var problem = await _api.GetAsync($"/v1/jobs?{query}", HttpStatusCode.BadRequest);

        problem.ErrorOf(field).ShouldContain(phrase);
    }
}
