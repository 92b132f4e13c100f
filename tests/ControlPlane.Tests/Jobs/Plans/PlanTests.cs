using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using VmDataset.ControlPlane.Settings;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Planning;
using VmDataset.Pipeline.Records;

namespace VmDataset.ControlPlane.Tests.Jobs.Plans;

public sealed class PlanTests : IAsyncDisposable
{
    private const string Job = """{"generators": ["alpha", "beta"], "samples": 1000, "batch_size": 100}""";

    private readonly Api _api = new();

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task A_plan_for_this_machine_says_minutes_and_no_dollars_and_makes_no_job()
    {
        var plan = await PlanAsync(_api, Job);

        plan.GetProperty("basis").GetString().ShouldBe("default");
        plan.GetProperty("samples").GetInt64().ShouldBe(2_000);
        plan.GetProperty("batches").GetInt64().ShouldBe(20);
        var (seconds, minutes) = (plan.GetProperty("seconds"), plan.At("machine.minutes"));
        seconds.GetProperty("low").GetDouble().ShouldBeLessThan(seconds.GetProperty("likely").GetDouble());
        seconds.GetProperty("high").GetDouble().ShouldBeGreaterThan(seconds.GetProperty("likely").GetDouble());
        minutes.GetProperty("likely").GetDouble().ShouldBe(seconds.GetProperty("likely").GetDouble() / 60, 0.01);
        plan.TryGetProperty("aws", out _).ShouldBeFalse();
        plan.At("warnings[0].code").GetString().ShouldBe("not_measured");
        (await _api.GetAsync("/v1/jobs")).GetProperty("items").GetArrayLength().ShouldBe(0);
        (await _api.DrainAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_plan_for_a_fleet_sums_its_lines_and_compares_fleets()
    {
        var plan = await PlanAsync(_api, """{"generators": ["alpha"], "samples": 20000, "output_format": "webdataset", "fleet": {"memory_mb": 1769, "region": "eu-west-1"}}""");

        var aws = plan.GetProperty("aws");
        aws.At("fleet.memory_mb").GetInt32().ShouldBe(1_769);
        aws.At("fleet.region").GetString().ShouldBe("eu-west-1");
        aws.GetProperty("prices_of").GetString().ShouldBe("2026-09-30");
        aws.GetProperty("lines").EnumerateArray().Sum(static line => line.GetProperty("usd").GetDouble())
            .ShouldBe(aws.At("cost_usd.likely").GetDouble(), 0.001);
        var rows = aws.GetProperty("comparison").EnumerateArray().ToList();
        rows.Count.ShouldBe(57);
        rows.Count(static row => row.GetProperty("chosen").GetBoolean()).ShouldBe(1);
        rows.Count(static row => row.GetProperty("fastest").GetBoolean()).ShouldBe(1);
        rows.Count(static row => row.GetProperty("cheapest").GetBoolean()).ShouldBe(1);
        plan.TryGetProperty("machine", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task A_server_on_AWS_plans_for_its_fleet_without_being_told()
    {
        await using var aws = OnAws();

        (await PlanAsync(aws, """{"generators": ["alpha"], "samples": 100}""")).At("aws.fleet.memory_mb").GetInt32().ShouldBe(1_769);
    }

    [Fact]
    public async Task A_generator_that_was_measured_is_planned_with_its_own_figures()
    {
        await _api.Services.GetRequiredService<MeasurementStore>().WriteAsync(new JobGenerator("alpha"),
            GeneratorCalibration.Default with { Basis = PlanBasis.Measured, Samples = 600, MedianSeconds = 2, Spread = 0 }, cancellationToken: TestContext.Current.CancellationToken);

        var plan = await PlanAsync(_api, """{"generators": ["alpha"], "samples": 1000}""");

        plan.GetProperty("basis").GetString().ShouldBe("measured");
        plan.At("generators[0].measured_samples").GetInt32().ShouldBe(600);
        plan.At("generators[0].median_seconds").GetDouble().ShouldBe(2);
        plan.GetProperty("warnings").GetArrayLength().ShouldBe(0);
        plan.At("machine.core_minutes.likely").GetDouble().ShouldBeInRange(33, 35);
    }

    [Fact]
    public async Task A_job_that_ends_is_what_the_next_plan_knows()
    {
        var job = await _api.SubmitAsync("""{"generators": ["alpha", "beta"], "samples": 20, "batch_size": 10}""");
        foreach (var generator in new[] { "alpha", "beta" })
        {
            await _api.FinishAsync(job, generator, 0, 10);
            await _api.FinishAsync(job, generator, 10, 10);
        }

        await Eventually.BeTrueAsync(async () =>
        {
            await _api.ReconcileAsync();
            return (await PlanAsync(_api, Job)).GetProperty("basis").GetString() == "measured";
        });

        (await PlanAsync(_api, Job)).At("generators[0].median_seconds").GetDouble().ShouldBe(0.5);
    }

    [Theory]
    [InlineData("""{"generators": ["alpha"], "samples": 0}""", "samples", "allowed: an integer from 1")]
    [InlineData("""{"generators": ["alpha"], "samples": 1, "cost": 1}""", "cost", "is not a field")]
    [InlineData("""{"generators": ["alpha"], "samples": 1, "fleet": 7}""", "fleet", "fleet is 7; allowed: an object")]
    [InlineData("""{"generators": ["alpha"], "samples": 1, "fleet": {"memory_mb": 64}}""", "fleet.memory_mb", "fleet.memory_mb is 64; allowed: an integer from 128 to 10,240")]
    [InlineData("""{"generators": ["alpha"], "samples": 1, "fleet": {"size": 1}}""", "fleet.size", "is not a field; allowed: region, memory_mb")]
    [InlineData("""{"generators": ["alpha"], "samples": 1, "fleet": {"region": "mars-1"}}""", "fleet.region", "allowed: one of ap-northeast-1, eu-west-1")]
    [InlineData("""{"generators": ["alpha"], "samples": 1, "fleet": {"architecture": "mips"}}""", "fleet.architecture", "allowed: \"x86_64\" or \"arm64\"")]
    [InlineData("""{"generators": ["alpha"], "samples": 1, "fleet": {"scaling_mode": "fast"}}""", "fleet.scaling_mode", "allowed: \"maximum_concurrency\"")]
    [InlineData("""{"generators": ["alpha"], "samples": 1, "fleet": {"minimum_pollers": 100, "maximum_pollers": 10}}""", "fleet.minimum_pollers", "at most maximum_pollers, 10")]
    [InlineData("""{"generators": ["alpha"], "samples": 1, "calibrate": "yes"}""", "calibrate", "allowed: true or false")]
    [InlineData("""{"generators": ["alpha"], "samples": 1, "calibrate": true}""", "calibrate", "no worker runs in this process")]
    public async Task An_invalid_plan_request_is_refused_with_its_field(string body, string field, string message)
    {
        var problem = await PlanAsync(_api, body, HttpStatusCode.BadRequest);

        problem.ErrorOf(field).ShouldContain(message);
    }

    internal static Api OnAws()
    {
        var api = Api.Empty(static services => services.AddSingleton(new BackendOptions { Engine = BackendKind.Aws }));
        api.AddGenerator("alpha");
        return api;
    }

    private static async Task<JsonElement> PlanAsync(Api api, string body, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var client = api.Client();
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync(new Uri("/v1/jobs/plan", UriKind.Relative), content);
        var text = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(expected, text);
        return JsonElement.Parse(text);
    }
}
