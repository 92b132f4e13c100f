using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Records;

namespace VmDataset.ControlPlane.Tests.Jobs.Previews;

public sealed class PreviewTests : IAsyncDisposable
{
    private readonly Api _api = new();

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task A_preview_waits_for_a_worker_and_shows_what_it_made()
    {
        var asking = PostAsync("""{"samples": 2, "seed": 7}""");
        var job = await JobAsync();
        await _api.PutTextAsync(ObjectKeys.SampleFile(job.Id, "alpha", JobFacts.Domain, 0, "prompt.txt"), "Move the square.");
        await _api.FinishAsync(job, "alpha", 0, 2);

        var (status, preview, _) = await asking;
        status.ShouldBe(HttpStatusCode.OK);
        preview.GetProperty("id").GetString().ShouldBe(job.Id);
        preview.GetProperty("state").GetString().ShouldBe("succeeded");
        preview.At("links.gallery").GetString().ShouldBe($"/jobs/{job.Id}/gallery");
        var samples = preview.GetProperty("samples").EnumerateArray().ToList();
        samples.Select(sample => sample.GetProperty("seed").GetInt32()).ShouldBe([7, 8]);
        samples[0].GetProperty("prompt").GetString().ShouldBe("Move the square.");
        samples[0].GetProperty("first_frame").GetString().ShouldBe($"/v1/jobs/{job.Id}/files/alpha/shape_task/shape_00000000/first_frame.png");
        samples[0].TryGetProperty("video", out _).ShouldBeFalse();
        var message = (await _api.DrainAsync()).ShouldHaveSingleItem();
        (message.NumSamples, message.Seed, message.JobId).ShouldBe((2, 7, job.Id));
    }

    [Fact]
    public async Task A_preview_of_a_form_is_a_job_of_its_own_in_that_form()
    {
        var asking = PostAsync("""{"video": {"preset": "wan2.2", "width": 512, "height": 512}}""");
        var job = await JobAsync();
        await _api.FinishAsync(job, "alpha", 0, 4);
        (await asking).Status.ShouldBe(HttpStatusCode.OK);

        (job.Video!.Width, job.Video.Frames).ShouldBe((512, 81));
        (await _api.DrainAsync()).ShouldHaveSingleItem().Video.ShouldNotBeNull();
        var plain = PostAsync("");
        var other = await JobAsync(other: job.Id);
        await _api.FinishAsync(other, "alpha", 0, 4);
        (await plain).Status.ShouldBe(HttpStatusCode.OK);
        other.Video.ShouldBeNull();
    }

    [Fact]
    public async Task A_preview_of_an_unknown_form_is_refused()
    {
        var (status, body, _) = await PostAsync("""{"video": {"preset": "wan9", "width": 5}}""");
        status.ShouldBe(HttpStatusCode.BadRequest);
        body.GetRawText().ShouldContain("video.preset");
        body.GetRawText().ShouldContain("video.width");
    }

    [Fact]
    public async Task A_repeated_preview_shows_what_is_there_until_it_is_deleted()
    {
        var asking = PostAsync("");
        var job = await JobAsync();
        await _api.FinishAsync(job, "alpha", 0, 4);
        await asking;

        (await PostAsync("""{"seed": 42, "samples": 4}""")).Body.GetProperty("id").GetString().ShouldBe(job.Id);
        (await _api.DrainAsync()).Count.ShouldBe(1);
        (await _api.GetAsync("/v1/jobs")).GetProperty("items").GetArrayLength().ShouldBe(0);
        (await _api.GetAsync($"/v1/jobs/{job.Id}/samples")).GetProperty("items").GetArrayLength().ShouldBe(4);

        using var client = _api.Client();
        (await client.DeleteAsync(new Uri($"/v1/jobs/{job.Id}", UriKind.Relative))).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        var again = PostAsync("");
        var second = await JobAsync(other: job.Id);
        second.Id.ShouldBe(job.Id + "-2");
        await _api.FinishAsync(second, "alpha", 0, 4);
        (await again).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_preview_tells_why_its_samples_failed()
    {
        var asking = PostAsync("""{"samples": 1}""");
        var job = await JobAsync();
        await _api.FailAsync(job, "alpha", 0, 1, attempt: 3);
        await _api.DeadLetterAsync(job, "alpha", 0, 1);

        var (status, preview, _) = await asking;
        status.ShouldBe(HttpStatusCode.OK);
        preview.GetProperty("state").GetString().ShouldBe("failed");
        var failure = preview.GetProperty("failures")[0];
        (failure.GetProperty("kind").GetString(), failure.GetProperty("message").GetString(), failure.GetProperty("log_tail").GetString())
            .ShouldBe(("raised", "no solvable position found", "drawing…"));
    }

    [Fact]
    public async Task A_preview_says_where_to_ask_again_when_no_worker_came()
    {
        var asking = PostAsync("");
        var job = await JobAsync();
        _api.Time.Shift = TimeSpan.FromMinutes(1);

        var (status, preview, location) = await asking;
        status.ShouldBe(HttpStatusCode.Accepted);
        location.ShouldBe($"/v1/jobs/{job.Id}");
        preview.GetProperty("samples").GetArrayLength().ShouldBe(0);
        (await _api.GetAsync(location!)).GetProperty("state").GetString().ShouldBe("running");
    }

    [Fact]
    public async Task An_invalid_preview_request_is_refused()
    {
        await ShouldBeRefusedAsync("alpha", """{"samples": 9}""", HttpStatusCode.BadRequest, "samples is 9; allowed: an integer from 1 to 8");
        await ShouldBeRefusedAsync("alpha", """{"count": 1}""", HttpStatusCode.BadRequest, "count");
        await ShouldBeRefusedAsync("alpha", """{"parameters": 5}""", HttpStatusCode.BadRequest, "parameters is 5; allowed: a JSON object");
        await ShouldBeRefusedAsync("alpha", """{"parameters": {"size": 5}}""", HttpStatusCode.BadRequest, "parameters");
        await ShouldBeRefusedAsync("_alpha", "{}", HttpStatusCode.BadRequest, "name is '_alpha'; allowed");
        await ShouldBeRefusedAsync("gamma", "{}", HttpStatusCode.NotFound, "There is no generator 'gamma'");
        (await _api.DrainAsync()).ShouldBeEmpty();
    }

    private async Task ShouldBeRefusedAsync(string name, string body, HttpStatusCode expected, string phrase)
    {
        var (status, problem, _) = await PostAsync(body, name);

        status.ShouldBe(expected);
        problem.GetProperty("detail").GetString()!.ShouldContain(phrase);
    }

    private async Task<(HttpStatusCode Status, JsonElement Body, string? Location)> PostAsync(string body, string generator = "alpha")
    {
        using var client = _api.Client();
        using var content = body.Length == 0 ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync(new Uri($"/v1/generators/{generator}/preview", UriKind.Relative), content);
        return (answer.StatusCode, JsonElement.Parse(await answer.Content.ReadAsStringAsync()), answer.Headers.Location?.OriginalString);
    }

    private async Task<Job> JobAsync(string? other = null)
    {
        var id = await Eventually.GetAsync(async () =>
        {
            await foreach (var entry in _api.Store.ListAsync("jobs/"))
            {
                if (entry.Key.EndsWith("job.json", StringComparison.Ordinal) && entry.Key.Split('/')[1] != other) return entry.Key.Split('/')[1];
            }

            return null;
        }, static id => id is not null);
        return (await _api.Services.GetRequiredService<JobStore>().FindAsync(id!))!;
    }
}
