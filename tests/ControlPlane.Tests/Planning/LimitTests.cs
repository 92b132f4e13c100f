using System.Net;
using System.Text.Json;
using VmDataset.ControlPlane.Tests.Jobs.Plans;
using VmDataset.Pipeline.Jobs;

namespace VmDataset.ControlPlane.Tests.Planning;

/// <summary>A job keeps its cost limit and its deadline: it is refused before, or stopped while it runs.</summary>
public sealed class LimitTests : IAsyncDisposable
{
    private readonly Api _api = new();

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task A_job_that_takes_longer_than_it_may_is_refused_with_the_plan_and_the_way_out()
    {
        var message = await RefusedAsync(_api, """{"generators": ["alpha"], "samples": 100000, "deadline_seconds": 60}""", "deadline_seconds");

        message.ShouldStartWith("deadline_seconds is 60, and the job will take ");
        message.ShouldContain("allowed: at least ");
        (await _api.DrainAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_job_that_costs_more_than_it_may_is_refused_with_the_plan_and_the_way_out()
    {
        await using var aws = PlanTests.OnAws();

        (await RefusedAsync(aws, """{"generators": ["alpha"], "samples": 1000000, "max_cost_usd": 0.5}""", "max_cost_usd"))
            .ShouldStartWith("max_cost_usd is 0.5, and the job will cost ");
    }

    [Fact]
    public async Task A_cost_limit_is_refused_where_nothing_costs_dollars() =>
        (await RefusedAsync(_api, """{"generators": ["alpha"], "samples": 10, "max_cost_usd": 5}""", "max_cost_usd")).ShouldContain("allowed: deadline_seconds");

    [Theory]
    [InlineData("\"max_cost_usd\": -1", "max_cost_usd", "allowed: a number from 0 to 1,000,000")]
    [InlineData("\"deadline_seconds\": 0", "deadline_seconds", "allowed: an integer from 1 to 31,536,000")]
    public async Task A_limit_outside_its_range_is_refused(string field, string name, string message) =>
        (await RefusedAsync(_api, $$"""{"generators": ["alpha"], "samples": 10, {{field}}}""", name)).ShouldContain(message);

    [Fact]
    public async Task A_job_is_stopped_at_its_deadline_and_says_so_and_a_retry_has_the_time_again()
    {
        var job = await _api.SubmitAsync("""{"generators": ["alpha"], "samples": 20, "batch_size": 10, "deadline_seconds": 600}""");
        await _api.FinishAsync(job, "alpha", 0, 10);
        await _api.PassAsync(job.Id);
        (await ViewAsync(job)).GetProperty("state").GetString().ShouldBe("running");

        _api.Time.Shift += TimeSpan.FromSeconds(601);
        await _api.PassAsync(job.Id);

        var view = await ViewAsync(job);
        view.GetProperty("state").GetString().ShouldBe("failed");
        view.GetProperty("reason").GetString()!.ShouldContain("deadline_seconds is 600.");
        view.At("samples.done").GetInt32().ShouldBe(10);
        view.At("spec.deadline_seconds").GetInt32().ShouldBe(600);

        using var client = _api.Client();
        using var retried = await client.PostAsync(new Uri($"/v1/jobs/{job.Id}/retry", UriKind.Relative), null);
        retried.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        await _api.PassAsync(job.Id);
        (await ViewAsync(job)).GetProperty("state").GetString().ShouldBe("running");
    }

    [Fact]
    public async Task A_job_that_has_cost_what_it_may_is_stopped_and_says_so()
    {
        await using var aws = PlanTests.OnAws();
        var job = await aws.SubmitAsync("""{"generators": ["alpha"], "samples": 20000, "batch_size": 5000, "output_format": "webdataset", "max_cost_usd": 0.2}""");
        await aws.PassAsync(job.Id);
        // A second a sample, eight times the plan.
        await aws.FinishAsync(job, "alpha", 0, 5_000);
        await aws.FinishAsync(job, "alpha", 5_000, 5_000);

        await aws.PassAsync(job.Id);

        var view = await aws.GetAsync($"/v1/jobs/{job.Id}");
        view.GetProperty("state").GetString().ShouldBe("failed");
        view.GetProperty("reason").GetString()!.ShouldContain("max_cost_usd is 0.2.");
    }

    private static async Task<string> RefusedAsync(Api api, string body, string field) =>
        (await api.PostJobAsync(body, HttpStatusCode.BadRequest)).ErrorOf(field);

    private Task<JsonElement> ViewAsync(Job job) => _api.GetAsync($"/v1/jobs/{job.Id}");
}
