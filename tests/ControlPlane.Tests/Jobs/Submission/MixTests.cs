using System.Net;

namespace VmDataset.ControlPlane.Tests.Jobs.Submission;

/// <summary>Jobs whose generators differ in their number of samples, or are there several times.</summary>
public sealed class MixTests : IAsyncDisposable
{
    private const string Mix = """
        {"generators": [{"name": "alpha", "as": "alpha-few", "samples": 5}, {"name": "alpha", "samples": 12}, "beta"],
         "samples": 7, "batch_size": 5, "seed": 3}
        """;

    private readonly Api _api = new();

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task A_mix_sends_as_many_samples_of_each_generator_as_it_asks_for()
    {
        var job = await _api.SubmitAsync(Mix);

        var messages = await _api.DrainAsync();
        messages.Select(static each => (each.Generator, each.Name, each.Range.Start, each.Range.Count)).ShouldBe(
            [("alpha", "alpha-few", 0, 5), ("alpha", "alpha", 0, 5), ("beta", "beta", 0, 5),
                ("alpha", "alpha", 5, 5), ("beta", "beta", 5, 2), ("alpha", "alpha", 10, 2)]);
        var view = await _api.GetAsync($"/v1/jobs/{job.Id}");
        view.At("samples.total").GetInt32().ShouldBe(24);
        view.GetProperty("generators").EnumerateArray().Select(static each => (each.GetProperty("name").GetString(), each.At("samples.total").GetInt32()))
            .ShouldBe([("alpha-few", 5), ("alpha", 12), ("beta", 7)]);
        view.At("generators[0].generator").GetString().ShouldBe("alpha");
        view.At("spec.generators").GetRawText().ShouldBe("""[{"name":"alpha","as":"alpha-few","samples":5},{"name":"alpha","samples":12},"beta"]""");
        (await _api.PostJobAsync(view.GetProperty("spec").GetRawText())).GetProperty("spec").GetRawText().ShouldBe(view.GetProperty("spec").GetRawText());
    }

    [Fact]
    public async Task A_mix_ends_and_its_dataset_has_a_folder_for_each_name()
    {
        var job = await _api.SubmitAsync(Mix);
        await _api.FinishAsync(job, "alpha-few", 0, 5);
        for (var start = 0; start < 12; start += 6) await _api.FinishAsync(job, "alpha", start, 6);
        await _api.FinishAsync(job, "beta", 0, 7);

        (await _api.GetAsync($"/v1/jobs/{job.Id}")).GetProperty("state").GetString().ShouldBe("succeeded");
        (await _api.GetAsync($"/v1/jobs/{job.Id}/samples?generator=alpha-few")).GetProperty("items").GetArrayLength().ShouldBe(5);
        (await _api.GetAsync($"/v1/jobs/{job.Id}/batches?generator=alpha")).GetProperty("items").GetArrayLength().ShouldBe(3);
    }

    [Fact]
    public async Task A_plan_counts_the_samples_of_each_generator()
    {
        using var client = _api.Client();
        using var content = new StringContent(Mix, System.Text.Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync(new Uri("/v1/jobs/plan", UriKind.Relative), content);
        var plan = System.Text.Json.JsonElement.Parse(await answer.Content.ReadAsStringAsync());
        (plan.GetProperty("samples").GetInt32(), plan.GetProperty("batches").GetInt32()).ShouldBe((24, 6));
    }

    [Theory]
    [InlineData("""["alpha", {"name": "alpha"}]""", "generators[1]", "generators[1] repeats generators[0], \"alpha\"; allowed: each name once. The same generator may be there again under another name, such as {\"name\": \"alpha\", \"as\": \"alpha-2\"}.")]
    [InlineData("""["beta", {"name": "alpha", "as": "beta"}]""", "generators[1]", "generators[1] repeats generators[0], \"beta\"")]
    [InlineData("""[{"name": "alpha", "as": "../x"}]""", "generators[0].as", "generators[0].as is \"../x\"; allowed")]
    [InlineData("""[{"name": "alpha", "samples": 0}]""", "generators[0].samples", "generators[0].samples is 0; allowed: an integer from 1 to 10,000,000.")]
    [InlineData("""[{"name": "alpha", "samples": 5}, "beta"]""", "samples", "samples is missing; allowed")]
    public async Task A_malformed_mix_is_refused_by_its_field(string generators, string field, string message) =>
        (await _api.PostJobAsync($$"""{"generators": {{generators}}}""", HttpStatusCode.BadRequest)).ErrorOf(field).ShouldContain(message);

    [Fact]
    public async Task A_job_whose_generators_all_have_a_number_needs_no_other()
    {
        var job = await _api.SubmitAsync("""{"generators": [{"name": "alpha", "samples": 500}, {"name": "beta", "samples": 3}]}""");
        (job.TotalSamples(), job.BatchSize).ShouldBe((503, 10));
    }
}
