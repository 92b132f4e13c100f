using System.Text.Json;
using VmDataset.ControlPlane.Tests.Jobs.Plans;
using VmDataset.Pipeline.Jobs;

namespace VmDataset.ControlPlane.Tests.Planning;

/// <summary>A job shows what it was expected to take, and what it takes.</summary>
public sealed class ActualTests : IAsyncDisposable
{
    private const string Body = """{"generators": ["alpha", "beta"], "samples": 40, "batch_size": 10}""";

    private readonly Api _api = new();

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task A_job_carries_its_plan_from_the_first_answer_on()
    {
        var job = await _api.PostJobAsync(Body);

        job.At("plan.basis").GetString().ShouldBe("default");
        job.At("plan.core_minutes.likely").GetDouble().ShouldBeGreaterThan(0);
        job.GetProperty("plan").TryGetProperty("cost_usd", out _).ShouldBeFalse();
        job.TryGetProperty("actual", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task A_jobs_actual_figures_come_from_its_manifests_and_include_failed_samples()
    {
        var job = await _api.SubmitAsync(Body);
        await _api.FinishAsync(job, "alpha", 0, 10);
        await _api.FinishAsync(job, "alpha", 10, 10);
        await _api.DeadLetterAsync(job, "alpha", 20, 5);

        var actual = (await ViewAsync(job)).GetProperty("actual");

        // A second a sample: 20 finished ones, and 5 that were drawn three times each.
        actual.GetProperty("core_minutes").GetDouble().ShouldBe(Math.Round(35 / 60.0, 2));
        actual.GetProperty("measured_samples").GetInt32().ShouldBe(20);
        var alpha = actual.GetProperty("generators").EnumerateArray().Single();
        (alpha.GetProperty("name").GetString(), alpha.GetProperty("samples").GetInt32(), alpha.GetProperty("failed").GetInt32()).ShouldBe(("alpha", 20, 5));
        alpha.GetProperty("seconds_per_sample").GetDouble().ShouldBe(1);
        alpha.GetProperty("planned_seconds_per_sample").GetDouble().ShouldBe(0.136, 0.001);
        actual.TryGetProperty("seconds_error_percent", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task A_job_that_has_ended_says_how_far_its_plan_was_off()
    {
        var job = await _api.SubmitAsync("""{"generators": ["alpha"], "samples": 10}""");
        await _api.FinishAsync(job, "alpha", 0, 10);

        var actual = (await ViewAsync(job)).GetProperty("actual");

        var planned = job.Plan!.LaneSeconds.Likely;
        actual.GetProperty("cost_error_percent").GetDouble().ShouldBe(Math.Round(100 * ((10 / planned) - 1), 1), 0.1);
        actual.TryGetProperty("seconds_error_percent", out _).ShouldBeTrue();
    }

    [Fact]
    public async Task Many_manifests_are_reckoned_from_some_of_them()
    {
        var job = await _api.SubmitAsync("""{"generators": ["alpha"], "samples": 400, "batch_size": 4}""");
        for (var start = 0; start < 400; start += 4) await _api.FinishAsync(job, "alpha", start, 4);

        var actual = (await ViewAsync(job)).GetProperty("actual");

        actual.GetProperty("measured_samples").GetInt32().ShouldBe(24 * 4);
        actual.At("generators[0].samples").GetInt32().ShouldBe(400);
        actual.GetProperty("core_minutes").GetDouble().ShouldBe(Math.Round(400 / 60.0, 2));
    }

    [Fact]
    public async Task A_manifest_that_cannot_be_read_is_passed_over()
    {
        var job = await _api.SubmitAsync(Body);
        await _api.FinishAsync(job, "alpha", 0, 10);
        await _api.PutTextAsync($"jobs/{job.Id}/done/alpha/00000010-10.json", new string('x', 100));

        (await ViewAsync(job)).At("actual.measured_samples").GetInt32().ShouldBe(10);
    }

    [Fact]
    public async Task Plan_and_actual_figures_on_AWS_are_in_function_seconds_and_dollars()
    {
        await using var aws = PlanTests.OnAws();
        var job = await aws.SubmitAsync("""{"generators": ["alpha"], "samples": 10000, "batch_size": 1000, "output_format": "webdataset"}""");
        await aws.FinishAsync(job, "alpha", 0, 1_000);

        var view = await aws.GetAsync($"/v1/jobs/{job.Id}");

        view.At("plan.cost_usd.likely").GetDouble().ShouldBeGreaterThan(0);
        view.At("plan.prices_of").GetString().ShouldBe("2026-09-30");
        // 1,000 seconds of one lane, and what a message takes beside its samples.
        view.At("actual.function_seconds").GetDouble().ShouldBe(1_000.5, 0.05);
        view.At("actual.cost_usd").GetDouble().ShouldBeInRange(1_000.5 * 1769 / 1024 * 0.0000166667, 0.1);
    }

    private Task<JsonElement> ViewAsync(Job job) => _api.GetAsync($"/v1/jobs/{job.Id}");
}
