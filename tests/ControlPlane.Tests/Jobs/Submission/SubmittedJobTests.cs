using System.Net;
using System.Text;
using System.Text.Json;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Ranges;

namespace VmDataset.ControlPlane.Tests.Jobs.Submission;

public sealed class SubmittedJobTests : IAsyncDisposable
{
    private readonly Api _api = new();

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task A_job_is_accepted_with_its_place_and_described_as_it_will_be_by_get()
    {
        using var client = _api.Client();
        using var content = new StringContent("""{"generators": ["beta", "alpha"], "samples": 25, "batch_size": 10, "seed": 7, "output_format": "webdataset", "start_index": 100}""", Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync(new Uri("/v1/jobs", UriKind.Relative), content);

        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        var job = JsonElement.Parse(await answer.Content.ReadAsStringAsync());
        var id = job.GetProperty("id").GetString();
        answer.Headers.Location.ShouldBe(new Uri($"/v1/jobs/{id}", UriKind.Relative));
        job.GetProperty("state").GetString().ShouldBe("running");
        job.GetProperty("spec").GetRawText().ShouldBe("""{"generators":["beta","alpha"],"samples":25,"batch_size":10,"seed":7,"output_format":"webdataset","start_index":100}""");
        job.GetProperty("samples").GetRawText().ShouldBe("""{"total":50,"done":0,"failed":0}""");
        job.GetProperty("batches").GetRawText().ShouldBe("""{"total":6,"done":0,"failed":0,"queued":6,"in_flight":0}""");
        job.GetProperty("links").GetRawText().ShouldBe($$"""{"self":"/v1/jobs/{{id}}","samples":"/v1/jobs/{{id}}/samples","batches":"/v1/jobs/{{id}}/batches","events":"/v1/jobs/{{id}}/events","failures":"/v1/jobs/{{id}}/failures","download":"/v1/jobs/{{id}}/download","gallery":"/jobs/{{id}}/gallery","page":"/jobs/{{id}}"}""");
        job.TryGetProperty("eta_seconds", out _).ShouldBeFalse();
        (await _api.GetAsync($"/v1/jobs/{id}")).GetRawText().ShouldBe(job.GetRawText());
    }

    [Fact]
    public async Task A_job_puts_exactly_its_batches_on_the_queue()
    {
        var job = await _api.SubmitAsync("""{"generators": ["alpha", "beta"], "samples": 25, "batch_size": 10, "seed": 7, "start_index": 100}""");

        var messages = await _api.DrainAsync();

        messages.Select(message => (message.Generator, message.Range)).ShouldBe(
            from start in new[] { 100, 110, 120 }
            from generator in new[] { "alpha", "beta" }
            select (generator, new SampleRange(start, start == 120 ? 5 : 10)));
        messages.ShouldAllBe(message => message.Seed == 7 && message.JobId == job.Id && message.Attempt == 1 && message.OutputFormat == OutputFormat.Files);
    }

    [Fact]
    public async Task A_job_gets_defaults_and_says_which()
    {
        var first = (await _api.PostJobAsync("""{"generators": ["alpha"], "samples": 1000}""")).GetProperty("spec");
        var second = (await _api.PostJobAsync("""{"generators": ["alpha"], "samples": 1000, "seed": null, "batch_size": null}""")).GetProperty("spec");

        first.GetProperty("batch_size").GetInt32().ShouldBe(20);
        first.GetProperty("output_format").GetString().ShouldBe("files");
        first.GetProperty("start_index").GetInt32().ShouldBe(0);
        first.GetProperty("seed").GetInt32().ShouldBeInRange(0, 999_999_999);
        second.GetProperty("seed").GetInt32().ShouldNotBe(first.GetProperty("seed").GetInt32());
    }

    [Fact]
    public async Task A_job_posted_again_from_its_description_is_another_with_the_same_samples()
    {
        var first = await _api.PostJobAsync("""{"generators": "all", "samples": 30}""");

        var second = await _api.PostJobAsync(first.GetProperty("spec").GetRawText());

        second.GetProperty("spec").GetRawText().ShouldBe(first.GetProperty("spec").GetRawText());
        second.GetProperty("id").GetString().ShouldNotBe(first.GetProperty("id").GetString());
    }

    [Fact]
    public async Task All_means_every_usable_generator()
    {
        var job = await _api.PostJobAsync("""{"generators": "all", "samples": 1}""");

        job.GetProperty("generators").EnumerateArray().Select(each => each.GetProperty("name").GetString()).ShouldBe(["alpha", "beta"]);
        job.GetProperty("generators").EnumerateArray().ShouldAllBe(each => each.GetProperty("version").GetString()!.Length == 16);
    }

    [Theory]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("application/json; charset=\"UTF-8\"")]
    [InlineData("application/vnd.example+json")]
    public async Task A_job_may_be_any_kind_of_UTF8_JSON(string contentType)
    {
        using var client = _api.Client();
        using var content = new ByteArrayContent([.. "\uFEFF"u8, .. """{"generators": ["alpha"], "samples": 1, "seed": -0}"""u8]);
        content.Headers.Add("Content-Type", contentType);
        using var answer = await client.PostAsync(new Uri("/v1/jobs", UriKind.Relative), content);

        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted, await answer.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("""{"generators": ["alpha"], "samples": 10000000, "batch_size": 10000, "start_index": 90000000, "seed": 2047483648}""")]
    [InlineData("""{"generators": ["alpha"], "samples": 1, "start_index": 99999999}""")]
    public async Task A_job_may_go_to_the_limits(string body)
    {
        var job = await _api.PostJobAsync(body);

        job.At("batches.total").GetInt64().ShouldBeInRange(1, 1000);
    }
}
