using System.Net;
using System.Text.Json;
using VmDataset.ControlPlane.Tests.Reconciliation;
using VmDataset.Pipeline.Jobs;

namespace VmDataset.ControlPlane.Tests.Jobs.Failures;

public sealed class FailureCauseTests(Api api) : IClassFixture<Api>
{
    [Fact]
    public async Task Causes_are_failures_of_one_generator_that_differ_in_numbers_alone_with_counts_and_the_newest_of_them()
    {
        var job = await SubmitAsync();
        foreach (var index in new[] { 25, 8, 9, 10, 12 }) await api.FailAsync(job, "alpha", index, 1, message: $"no position for seed {1 + index}");
        await api.FailAsync(job, "alpha", 20, 2, message: "out of memory");
        await api.FailAsync(job, "beta", 8, 1, message: "no position for seed 9");
        await api.DeadLetterAsync(job, "alpha", 8, 1);
        await api.DeadLetterAsync(job, "alpha", 9, 1);

        var answer = await api.GetAsync($"/v1/jobs/{job.Id}/failures/causes");

        answer.GetProperty("complete").GetBoolean().ShouldBeTrue();
        answer.GetProperty("records").GetInt32().ShouldBe(7);
        answer.GetProperty("left_out").GetInt32().ShouldBe(0);
        answer.TryGetProperty("next_cursor", out _).ShouldBeFalse();
        Said(answer).ShouldBe(["alpha 5: no position for seed #", "alpha 2: out of memory", "beta 1: no position for seed #"]);
        var cause = answer.At("items[0]");
        cause.GetProperty("kind").GetString().ShouldBe("raised");
        cause.GetProperty("exception_type").GetString().ShouldBe("ValueError");
        cause.GetProperty("permanent_samples").GetInt32().ShouldBe(2);
        cause.GetProperty("batches").GetInt32().ShouldBe(3);
        cause.GetProperty("first_index").GetInt32().ShouldBe(8);
        cause.GetProperty("ranges").GetRawText().ShouldBe("""[{"start_index":8,"samples":3},{"start_index":12,"samples":1},{"start_index":25,"samples":1}]""");
        cause.GetProperty("range_count").GetInt32().ShouldBe(3);
        cause.At("newest.start_index").GetInt32().ShouldBe(12);
        cause.At("newest.message").GetString().ShouldBe("no position for seed 13");
        cause.At("newest.traceback").GetString()!.ShouldStartWith("Traceback");
        cause.At("newest.failed_at").GetDateTimeOffset().ShouldBeGreaterThan(job.CreatedAt);
    }

    [Fact]
    public async Task A_cause_counts_each_sample_that_is_missing_still_once()
    {
        var job = await SubmitAsync();
        await api.FailAsync(job, "alpha", 0, 10);
        await api.FailAsync(job, "alpha", 4, 3, attempt: 2);
        await api.FailAsync(job, "beta", 0, 5);
        await api.FinishAsync(job, "alpha", 0, 3);
        await api.FinishAsync(job, "beta", 0, 5);

        var cause = (await api.GetAsync($"/v1/jobs/{job.Id}/failures/causes")).GetProperty("items").EnumerateArray().ShouldHaveSingleItem();

        cause.GetProperty("samples").GetInt32().ShouldBe(7);
        cause.GetProperty("first_index").GetInt32().ShouldBe(3);
        cause.GetProperty("batches").GetInt32().ShouldBe(1);
        cause.At("newest.attempt").GetInt32().ShouldBe(2);
    }

    [Fact]
    public async Task Causes_are_of_500_records_at_most_and_the_answer_says_that_there_are_more_and_how_many_causes_it_leaves_out()
    {
        var job = await api.SubmitAsync("""{"generators": ["alpha", "beta"], "samples": 1000, "batch_size": 10}""");
        for (var index = 0; index < 502; index++) await api.FailAsync(job, "alpha", 2 * index % 1000, 1 + (index / 500), message: index % 100 == 3 ? $"cause {(char)('a' + (index / 100))}" : "one cause");
        await api.FailAsync(job, "beta", 7, 1, message: "another");

        var first = await api.GetAsync($"/v1/jobs/{job.Id}/failures/causes?limit=2");
        var rest = await api.GetAsync($"/v1/jobs/{job.Id}/failures/causes?cursor={Uri.EscapeDataString(first.GetProperty("next_cursor").GetString()!)}");
        var beta = await api.GetAsync($"/v1/jobs/{job.Id}/failures/causes?generator=beta");

        (first.GetProperty("records").GetInt32(), first.GetProperty("complete").GetBoolean()).ShouldBe((500, false));
        (first.GetProperty("items").GetArrayLength(), first.GetProperty("left_out").GetInt32()).ShouldBe((2, 4));
        (rest.GetProperty("records").GetInt32(), rest.GetProperty("complete").GetBoolean()).ShouldBe((3, true));
        Said(beta).ShouldBe(["beta 1: another"]);
        beta.GetProperty("complete").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public async Task Batches_of_a_cause_are_counted_once_each()
    {
        var job = await api.SubmitAsync("""{"generators": ["alpha"], "samples": 25, "batch_size": 10}""");
        foreach (var index in new[] { 9, 10, 19, 20, 24 }) await api.FailAsync(job, "alpha", index, 1);

        (await api.GetAsync($"/v1/jobs/{job.Id}/failures/causes")).At("items[0].batches").GetInt32().ShouldBe(3);
    }

    [Theory]
    [InlineData("generator=gamma", "generator", "allowed: one of this job's generators")]
    [InlineData("limit=101", "limit", "allowed: an integer from 1 to 100")]
    [InlineData("cursor=alpha", "cursor", "allowed: the next_cursor")]
    [InlineData("all=true", "all", "allowed: generator, limit, cursor")]
    public async Task A_query_of_causes_that_is_not_understood_is_refused(string query, string field, string phrase)
    {
        var job = await SubmitAsync();

        (await api.GetAsync($"/v1/jobs/{job.Id}/failures/causes?{query}", HttpStatusCode.BadRequest)).ErrorOf(field).ShouldContain(phrase);
    }

    [Fact]
    public async Task Causes_cost_one_LIST_beside_the_reading_of_the_job_and_write_nothing()
    {
        CountingStore? store = null;
        await using var other = Api.Empty(services => { Api.WrapStore(services, inner => store = new CountingStore(inner)); Api.RemoveLoop(services); });
        other.AddGenerator("alpha");
        var job = await other.SubmitAsync("""{"generators": ["alpha"], "samples": 30, "batch_size": 10}""");
        for (var index = 0; index < 12; index++) await other.FailAsync(job, "alpha", index, 1);

        store!.Reset();
        await other.GetAsync($"/v1/jobs/{job.Id}/failures/causes");

        store.Lists.Count(prefix => prefix == $"jobs/{job.Id}/failed/").ShouldBe(1);
        store.Lists.Count.ShouldBeLessThanOrEqualTo(6, string.Join(' ', store.Lists));
        store.Writes.ShouldBeEmpty();
    }

    private Task<Job> SubmitAsync() => api.SubmitAsync("""{"generators": ["alpha", "beta"], "samples": 30, "batch_size": 10, "seed": 1}""");

    private static IEnumerable<string> Said(JsonElement answer) => answer.GetProperty("items").EnumerateArray()
        .Select(static cause => $"{cause.GetProperty("generator").GetString()} {cause.GetProperty("samples").GetInt32()}: {cause.GetProperty("message").GetString()}");
}
