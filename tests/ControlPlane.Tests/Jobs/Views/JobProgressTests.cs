using System.Net;

namespace VmDataset.ControlPlane.Tests.Jobs.Views;

public sealed class JobProgressTests : IAsyncDisposable
{
    private readonly Api _api = new();

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task A_jobs_progress_counts_overlapping_manifests_once()
    {
        var job = await _api.SubmitAsync("""{"generators": ["alpha", "beta"], "samples": 30, "batch_size": 10, "seed": 1}""");
        await _api.FinishAsync(job, "alpha", 0, 10);
        await _api.FinishAsync(job, "alpha", 5, 10);
        await _api.FinishAsync(job, "alpha", 5, 2);
        await _api.FinishAsync(job, "beta", 20, 10);
        await _api.DeadLetterAsync(job, "beta", 3, 2);
        await _api.DeadLetterAsync(job, "beta", 19, 2);

        var view = await _api.GetAsync($"/v1/jobs/{job.Id}");

        view.GetProperty("state").GetString().ShouldBe("running");
        view.GetProperty("samples").GetRawText().ShouldBe("""{"total":60,"done":25,"failed":3}""");
        view.GetProperty("batches").GetRawText().ShouldBe("""{"total":6,"done":2,"failed":2,"queued":6,"in_flight":0}""");
        var generators = view.GetProperty("generators");
        generators[0].GetProperty("samples").GetRawText().ShouldBe("""{"total":30,"done":15,"failed":0}""");
        generators[1].GetProperty("samples").GetRawText().ShouldBe("""{"total":30,"done":10,"failed":3}""");
        generators[1].GetProperty("batches").GetRawText().ShouldBe("""{"total":3,"done":1,"failed":2}""");
    }

    [Fact]
    public async Task A_running_job_shows_its_rate_and_time_left_and_an_ended_job_its_end()
    {
        var job = await _api.SubmitAsync("""{"generators": ["alpha"], "samples": 20, "batch_size": 10, "seed": 1}""");
        await _api.FinishAsync(job, "alpha", 0, 10);
        _api.Time.Shift = TimeSpan.FromSeconds(20);

        var running = await _api.GetAsync($"/v1/jobs/{job.Id}");
        await _api.FinishAsync(job, "alpha", 10, 10);
        var ended = await _api.GetAsync($"/v1/jobs/{job.Id}");

        // About 10 samples in 20 seconds and a bit; the clock of the test runs on.
        running.GetProperty("samples_per_second").GetDouble().ShouldBeInRange(0.3, 0.51);
        running.GetProperty("eta_seconds").GetInt64().ShouldBeInRange(20, 34);
        running.TryGetProperty("finished_at", out _).ShouldBeFalse();
        ended.GetProperty("state").GetString().ShouldBe("succeeded");
        ended.GetProperty("finished_at").GetDateTimeOffset().ShouldBeGreaterThanOrEqualTo(job.CreatedAt - TimeSpan.FromSeconds(1));
        ended.TryGetProperty("eta_seconds", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task A_job_with_dead_samples_fails_in_the_end()
    {
        var job = await _api.SubmitAsync("""{"generators": ["alpha"], "samples": 20, "batch_size": 10, "seed": 1}""");
        await _api.FinishAsync(job, "alpha", 0, 19);
        await _api.DeadLetterAsync(job, "alpha", 19, 1);

        var view = await _api.GetAsync($"/v1/jobs/{job.Id}");

        view.GetProperty("state").GetString().ShouldBe("failed");
        view.TryGetProperty("finished_at", out _).ShouldBeTrue();
    }

    [Fact]
    public async Task Messages_in_work_are_counted_as_such()
    {
        var job = await _api.SubmitAsync("""{"generators": ["alpha"], "samples": 30, "batch_size": 10}""");
        await _api.Queue.ReceiveAsync(1, TimeSpan.FromMinutes(1), TimeSpan.Zero);
        await _api.SubmitAsync("""{"generators": ["alpha"], "samples": 1}""");

        var batches = (await _api.GetAsync($"/v1/jobs/{job.Id}")).GetProperty("batches");

        batches.GetProperty("queued").GetInt64().ShouldBe(2);
        batches.GetProperty("in_flight").GetInt64().ShouldBe(1);
    }

    [Theory]
    [InlineData("/v1/jobs/20261123-130501-00000000")]
    [InlineData("/v1/jobs/20261123-130501-00000000/failures")]
    [InlineData("/v1/jobs/20261123-130501-00000000/samples")]
    public async Task An_unknown_job_is_not_found(string url)
    {
        var problem = await _api.GetAsync(url, HttpStatusCode.NotFound);

        problem.GetProperty("detail").GetString()!.ShouldBe("There is no job '20261123-130501-00000000'; GET /v1/jobs lists them.");
    }

    [Theory]
    [InlineData("/v1/jobs/a%20b")]
    [InlineData("/v1/jobs/..%2f..")]
    [InlineData("/v1/jobs/a.b/failures")]
    [InlineData("/v1/jobs/-a/samples")]
    [InlineData("/v1/jobs/a%0a/files/x")]
    public async Task A_malformed_id_is_told_apart(string url)
    {
        var problem = await _api.GetAsync(url, HttpStatusCode.BadRequest);

        problem.ErrorOf("id").ShouldContain("allowed: 1 to 64 letters, digits, '_' or '-', beginning with a letter or digit");
    }
}
