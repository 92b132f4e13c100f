using System.Net;
using System.Text.Json;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Queue;
using VmDataset.Pipeline.Ranges;

namespace VmDataset.ControlPlane.Tests.Operations;

public sealed class DeadLetterTests : IAsyncDisposable
{
    private readonly Api _api = new();

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task Dead_letters_are_shown_as_they_were_sent_with_their_reason()
    {
        const string good = """{"type": "alpha", "start_index": 4, "num_samples": 2, "seed": 1, "job_id": "j1", "attempt": 3}""";
        const string bad = "not JSON: <b>\"\u0001\"</b> 日本";
        await _api.DeadLetters.SendAsync(new OutgoingMessage(good, "j1"), "It failed three times.");
        await _api.DeadLetters.SendAsync(new OutgoingMessage(bad, ""), "The message is not JSON.");
        _api.Time.Shift = TimeSpan.FromHours(1);

        var items = (await _api.GetAsync("/v1/dead-letters")).GetProperty("items");

        items.GetArrayLength().ShouldBe(2);
        items[0].GetProperty("body").GetString().ShouldBe(good);
        items[0].GetProperty("job_id").GetString().ShouldBe("j1");
        items[0].GetProperty("generator").GetString().ShouldBe("alpha");
        items[0].GetProperty("start_index").GetInt32().ShouldBe(4);
        items[0].GetProperty("samples").GetInt32().ShouldBe(2);
        items[0].GetProperty("attempt").GetInt32().ShouldBe(3);
        items[0].GetProperty("age_seconds").GetInt32().ShouldBeInRange(3_600, 3_660);
        items[1].GetProperty("body").GetString().ShouldBe(bad);
        items[1].GetProperty("reason").GetString().ShouldBe("The message is not JSON.");
        items[1].TryGetProperty("job_id", out _).ShouldBeFalse();
        items[1].GetProperty("died_at").GetDateTimeOffset().ShouldBe(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(1));
        (await _api.GetAsync("/v1/dead-letters?limit=1")).GetProperty("items").GetArrayLength().ShouldBe(1);
        (await _api.GetAsync("/v1/dead-letters?job_id=j1")).GetProperty("items").EnumerateArray().ShouldHaveSingleItem().GetProperty("body").GetString().ShouldBe(good);
        (await _api.GetAsync("/v1/queue")).GetProperty("dead").GetInt32().ShouldBe(2);
    }

    [Fact]
    public async Task Dead_letters_of_a_job_are_sent_again_and_it_runs_again()
    {
        var job = await FailedJobAsync();
        var other = await FailedJobAsync();

        (await SendAsync(HttpMethod.Post, $"/v1/dead-letters/redrive?job_id={job.Id}")).GetRawText().ShouldBe("""{"taken":2,"kept":[],"more":false}""");

        (await StateAsync(job), await StateAsync(other)).ShouldBe(("running", "failed"));
        (await _api.DrainAsync()).Select(static message => (message.JobId, message.StartIndex, message.Attempt)).ShouldBe([(job.Id, 0, 1), (job.Id, 10, 1)]);
        (await _api.GetAsync("/v1/dead-letters")).GetProperty("items").GetArrayLength().ShouldBe(2);
        (await SendAsync(HttpMethod.Post, $"/v1/dead-letters/redrive?job_id={job.Id}")).GetProperty("taken").GetInt32().ShouldBe(0);
    }

    [Fact]
    public async Task Dead_letters_are_sent_again_or_deleted_one_by_one()
    {
        var job = await FailedJobAsync();
        var ids = (await _api.GetAsync("/v1/dead-letters")).GetProperty("items").EnumerateArray().Select(static item => item.GetProperty("id").GetString()).ToList();

        (await SendAsync(HttpMethod.Post, $"/v1/dead-letters/{ids[0]}/redrive")).GetProperty("taken").GetInt32().ShouldBe(1);
        (await SendAsync(HttpMethod.Delete, $"/v1/dead-letters/{ids[1]}")).GetProperty("taken").GetInt32().ShouldBe(1);

        (await _api.DrainAsync()).ShouldHaveSingleItem().StartIndex.ShouldBe(0);
        (await _api.GetAsync("/v1/dead-letters")).GetProperty("items").GetArrayLength().ShouldBe(0);
        (await _api.GetAsync($"/v1/jobs/{job.Id}")).At("samples.failed").GetInt32().ShouldBe(10);
        (await SendAsync(HttpMethod.Delete, $"/v1/dead-letters/{ids[1]}", HttpStatusCode.NotFound)).GetProperty("detail").GetString()!.ShouldContain(ids[1]!);
        await SendAsync(HttpMethod.Post, $"/v1/dead-letters/{ids[0]}/redrive", HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Dead_letters_of_a_job_are_deleted_and_it_stays_failed()
    {
        var job = await FailedJobAsync();
        await _api.DeadLetters.SendAsync(new OutgoingMessage("{}", "other"), "It is empty.");

        (await SendAsync(HttpMethod.Delete, $"/v1/dead-letters?job_id={job.Id}")).GetRawText().ShouldBe("""{"taken":2,"kept":[],"more":false}""");

        (await StateAsync(job)).ShouldBe("failed");
        (await _api.GetAsync("/v1/dead-letters")).GetProperty("items").EnumerateArray().ShouldHaveSingleItem().GetProperty("body").GetString().ShouldBe("{}");
    }

    [Theory]
    [InlineData("GET", "/v1/dead-letters?limit=0", "limit")]
    [InlineData("GET", "/v1/dead-letters?cursor=1", "cursor")]
    [InlineData("GET", "/v1/dead-letters?job_id=a/b", "job_id")]
    [InlineData("POST", "/v1/dead-letters/redrive", "job_id")]
    [InlineData("POST", "/v1/dead-letters/redrive?job_id=", "job_id")]
    [InlineData("DELETE", "/v1/dead-letters", "job_id")]
    [InlineData("DELETE", "/v1/dead-letters?jobId=j1", "jobId")]
    [InlineData("DELETE", "/v1/dead-letters/1?job_id=j1", "job_id")]
    public async Task A_query_of_dead_letters_that_is_not_understood_is_refused(string method, string url, string field)
    {
        var problem = await SendAsync(new HttpMethod(method), url, HttpStatusCode.BadRequest);

        problem.GetProperty("errors").TryGetProperty(field, out _).ShouldBeTrue(problem.GetRawText());
    }

    private async Task<Job> FailedJobAsync()
    {
        var job = await _api.SubmitAsync("""{"generators": ["alpha"], "samples": 20, "batch_size": 10}""");
        await _api.DrainAsync();
        foreach (var start in new[] { 0, 10 })
        {
            await _api.DeadLetterAsync(job, "alpha", start, 10);
            var message = BatchMessage.For(job, job.Generators[0], new SampleRange(start, 10)) with { Attempt = 3 };
            await _api.DeadLetters.SendAsync(new OutgoingMessage(message.ToJson(), job.Id), "It failed three times.");
        }

        (await StateAsync(job)).ShouldBe("failed");
        return job;
    }

    private async Task<string?> StateAsync(Job job) => (await _api.GetAsync($"/v1/jobs/{job.Id}")).GetProperty("state").GetString();

    private async Task<JsonElement> SendAsync(HttpMethod method, string url, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var client = _api.Client();
        using var request = new HttpRequestMessage(method, new Uri(url, UriKind.Relative));
        using var answer = await client.SendAsync(request);
        var body = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(expected, body);
        return JsonElement.Parse(body);
    }
}
