using System.Net;
using System.Text;
using System.Text.Json;
using VmDataset.ControlPlane.Jobs.Submission;
using VmDataset.Pipeline.Records;

namespace VmDataset.ControlPlane.Tests.Jobs.Submission;

public sealed class IdempotencyTests : IAsyncDisposable
{
    private const string Body = """{"generators": ["alpha"], "samples": 20, "batch_size": 10}""";
    private readonly Api _api = new();

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task The_same_key_and_request_give_the_same_job_however_it_is_written()
    {
        var first = await PostAsync("key", Body);
        var second = await PostAsync("key", """{ "batch_size":10, "samples":20, "generators":["alpha"] }""");
        second.GetProperty("id").GetString().ShouldBe(first.GetProperty("id").GetString());
        second.At("spec.seed").GetInt32().ShouldBe(first.At("spec.seed").GetInt32());
        (await _api.DrainAsync()).Count.ShouldBe(2);
        (await PostAsync("another", Body)).GetProperty("id").GetString().ShouldNotBe(first.GetProperty("id").GetString());
    }

    [Fact]
    public async Task The_same_key_with_another_request_is_refused()
    {
        var id = (await PostAsync("key", Body)).GetProperty("id").GetString();
        var problem = await PostAsync("key", """{"generators": ["alpha"], "samples": 21}""", HttpStatusCode.UnprocessableEntity);
        problem.GetProperty("detail").GetString()!.ShouldContain($"'{id}'");
        (await _api.GetAsync("/v1/jobs")).GetProperty("items").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task Two_hundred_submissions_with_20_keys_make_20_jobs()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => PostAsync($"key {i % 20}", $$"""{"generators": ["alpha"], "samples": {{10 + (i % 20)}}}""")));
        answers.Select(static answer => answer.GetProperty("id").GetString()).Distinct().Count().ShouldBe(20);
        (await _api.GetAsync("/v1/jobs?limit=100")).GetProperty("items").GetArrayLength().ShouldBe(20);
    }

    [Fact]
    public async Task A_submission_that_died_after_its_claim_is_completed_by_its_repetition()
    {
        var made = await PostAsync("key", Body);
        var id = made.GetProperty("id").GetString()!;
        await _api.DrainAsync();
        // As if the process had ended between the claim and the job.
        File.Delete(Path.Combine(_api.DataDir, "store", ObjectKeys.Job(id)));
        foreach (var folder in new[] { "sent", "sending" }) Directory.Delete(Path.Combine(_api.DataDir, "store", "jobs", id, folder), recursive: true);
        await _api.RestartAsync();

        (await PostAsync("key", Body)).GetProperty("id").GetString().ShouldBe(id);
        (await _api.DrainAsync()).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_wrong_submission_leaves_its_key_free()
    {
        await PostAsync("key", """{"generators": ["alpha"], "samples": 0}""", HttpStatusCode.BadRequest);
        await PostAsync("key", Body);
    }

    [Fact]
    public async Task The_key_goes_with_its_job()
    {
        var id = (await PostAsync("key", Body)).GetProperty("id").GetString();
        using var client = _api.Client();
        using var cancelled = await client.PostAsync(new Uri($"/v1/jobs/{id}/cancel", UriKind.Relative), null);
        // What workers store at the last moment is waited for.
        _api.Time.Shift += TimeSpan.FromMinutes(1);
        using var deleted = await client.DeleteAsync(new Uri($"/v1/jobs/{id}", UriKind.Relative));
        deleted.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await PostAsync("key", Body)).GetProperty("id").GetString().ShouldNotBe(id);
    }

    [Theory]
    [InlineData("")]
    [InlineData("tab\there")]
    public async Task A_key_that_is_none_is_refused(string key)
    {
        if (key.Length == 0) key = new string('k', 256);
        var problem = await PostAsync(key, Body, HttpStatusCode.BadRequest);
        problem.GetProperty("errors").TryGetProperty(IdempotentSubmissions.Header, out _).ShouldBeTrue();
    }

    private async Task<JsonElement> PostAsync(string key, string body, HttpStatusCode expected = HttpStatusCode.Accepted)
    {
        using var client = _api.Client();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/jobs") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation(IdempotentSubmissions.Header, key);
        using var answer = await client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(expected, text);
        return JsonElement.Parse(text);
    }
}
