using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using VmDataset.Pipeline.Deduplication;
using VmDataset.Worker.Batches;
using VmDataset.Worker.Duplicates;

namespace VmDataset.ControlPlane.Tests.Jobs.Views;

public sealed class UniqueJobTests : IAsyncDisposable
{
    private readonly Api _api = new();

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task A_unique_job_draws_on_until_there_are_enough_different_samples()
    {
        var job = await _api.SubmitAsync("""{"generators": ["alpha", "beta"], "samples": 20, "batch_size": 10, "unique": true}""");
        await _api.FinishAsync(job, "beta", 0, 20);
        await _api.FinishAsync(job, "alpha", 0, 20, puzzle: static index => index % 15);

        var view = await Eventually.GetAsync(() => LookAsync(job.Id), static view => view.TryGetProperty("unique", out _) && view.GetProperty("state").GetString() == "running");
        view.GetProperty("unique").GetRawText().ShouldBe("""{"distinct":35,"exhausted":[]}""");
        var alpha = view.GetProperty("generators")[0];
        alpha.At("samples.total").GetInt32().ShouldBe(33);
        alpha.GetProperty("state").GetString().ShouldBe("running");
        view.At("generators[1].state").GetString().ShouldBe("succeeded");
        view.At("history[0].event").GetString().ShouldBe("checked");
        (await _api.Queue.GetDepthAsync())!.Queued.ShouldBe(4 + 2);
        (await _api.GetAsync($"/v1/jobs/{job.Id}/batches?generator=alpha")).GetProperty("items").EnumerateArray()
            .Select(static batch => (batch.GetProperty("start_index").GetInt32(), batch.GetProperty("samples").GetInt32()))
            .ShouldBe([(0, 10), (10, 10), (20, 10), (30, 3)]);

        await _api.FinishAsync(job, "alpha", 20, 10);
        await _api.FinishAsync(job, "alpha", 30, 3);
        view = await Eventually.GetAsync(() => LookAsync(job.Id), static view => view.GetProperty("state").GetString() == "succeeded");
        view.GetProperty("unique").GetRawText().ShouldBe("""{"distinct":40,"exhausted":[]}""");
    }

    [Fact]
    public async Task A_large_unique_job_is_looked_at_by_a_worker()
    {
        var job = await _api.SubmitAsync("{\"generators\": [\"alpha\"], \"samples\": 21000, \"batch_size\": 7000, \"unique\": true}");
        for (var i = 0; i < 3; i++) await _api.FinishAsync(job, "alpha", 7_000 * i, 7_000, puzzle: static index => index % 20_990);

        // The second pass finds the message of the first.
        for (var i = 0; i < 2; i++) await _api.PassAsync(job.Id);
        (await LookAsync(job.Id)).GetProperty("history").GetArrayLength().ShouldBe(0);
        var messages = await _api.Queue.ReceiveAsync(10, TimeSpan.FromMinutes(5), TimeSpan.Zero);
        var task = messages.Select(static each => DuplicateCheckTask.Parse(each.Body)).OfType<DuplicateCheckTask>().ShouldHaveSingleItem();

        var processor = ActivatorUtilities.CreateInstance<DuplicateCheckProcessor>(_api.Services);
        (await processor.ProcessAsync(task, default)).ShouldBe(BatchOutcome.Acknowledge);
        // A worker cannot write to the job's log: the next pass does.
        (await LookAsync(job.Id)).GetProperty("history").GetArrayLength().ShouldBe(0);
        await _api.PassAsync(job.Id);
        // A second delivery finds that it is done.
        (await processor.ProcessAsync(task, default)).ShouldBe(BatchOutcome.Acknowledge);

        var view = await LookAsync(job.Id);
        view.GetProperty("history").EnumerateArray().Select(static each => each.GetProperty("event").GetString()).ShouldBe(["checked"]);
        view.At("unique.distinct").GetInt32().ShouldBe(20_990);
        view.GetProperty("state").GetString().ShouldBe("running");
        (await _api.Queue.GetDepthAsync())!.Queued.ShouldBe(1);
    }

    [Fact]
    public async Task A_unique_job_says_which_generator_is_exhausted()
    {
        var job = await _api.SubmitAsync("""{"generators": ["alpha"], "samples": 150, "batch_size": 150, "unique": true}""");
        await _api.FinishAsync(job, "alpha", 0, 150, puzzle: static index => index % 2);
        var view = await Eventually.GetAsync(() => LookAsync(job.Id), static view => view.GetProperty("state").GetString() == "succeeded");
        view.GetProperty("unique").GetRawText().ShouldBe("""{"distinct":2,"exhausted":["alpha"]}""");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"generators": []}""")]
    [InlineData("""{"generators": [{"generator": "beta", "candidates": 1, "distinct": 1, "since_last_new": 0}]}""")]
    [InlineData("""{"generators": [null]}""")]
    public async Task A_damaged_count_of_a_worker_is_asked_for_again(string record)
    {
        var job = await _api.SubmitAsync("{\"generators\": [\"alpha\"], \"samples\": 21000, \"batch_size\": 7000, \"unique\": true}");
        for (var i = 0; i < 3; i++) await _api.FinishAsync(job, "alpha", 7_000 * i, 7_000);
        await _api.PutTextAsync(VmDataset.Pipeline.Records.ObjectKeys.DuplicateCounts(job.Id, 0), record);

        await _api.PassAsync(job.Id);

        (await LookAsync(job.Id)).GetProperty("history").GetArrayLength().ShouldBe(0);
        var messages = await _api.Queue.ReceiveAsync(10, TimeSpan.FromMinutes(5), TimeSpan.Zero);
        // The pass of the submission may still run: two at the same time both ask, and one event comes of it.
        messages.Select(static each => DuplicateCheckTask.Parse(each.Body)).OfType<DuplicateCheckTask>().Distinct().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_job_that_is_unique_against_another_draws_what_that_one_lacks()
    {
        var first = await _api.SubmitAsync("""{"generators": ["alpha"], "samples": 10, "seed": 7}""");
        await _api.FinishAsync(first, "alpha", 0, 10);
        var job = await _api.SubmitAsync($$"""{"generators": ["alpha"], "samples": 10, "seed": 7, "unique_against": ["{{first.Id}}"]}""");
        job.Unique.ShouldBeTrue();
        // Equal seeds are what the field is for.
        (await LookAsync(job.Id)).TryGetProperty("warnings", out _).ShouldBeFalse();
        await _api.FinishAsync(job, "alpha", 0, 10);

        await _api.PassAsync(job.Id);
        var messages = await _api.Queue.ReceiveAsync(10, TimeSpan.FromMinutes(5), TimeSpan.Zero);
        var task = messages.Select(static each => DuplicateCheckTask.Parse(each.Body)).OfType<DuplicateCheckTask>().Distinct().ShouldHaveSingleItem();
        await ActivatorUtilities.CreateInstance<DuplicateCheckProcessor>(_api.Services).ProcessAsync(task, default);
        await _api.PassAsync(job.Id);

        var view = await LookAsync(job.Id);
        view.At("unique.distinct").GetInt32().ShouldBe(0);
        view.At("samples.total").GetInt32().ShouldBeGreaterThan(20);
        view.At("spec.unique_against[0]").GetString().ShouldBe(first.Id);
    }

    [Theory]
    [InlineData("\"unique_against\": [\"20260101-000000-00000000\"]", "unique_against[0]", "which is not there; allowed: a job that GET /v1/jobs lists.")]
    [InlineData("\"unique_against\": [\"../x\"]", "unique_against[0]", "unique_against[0] is \"../x\"; allowed: the id of a job, once.")]
    [InlineData("\"unique_against\": []", "unique_against", "unique_against is an array of 0; allowed: an array of 1 to 16 ids of jobs that have ended, each once.")]
    [InlineData("\"unique\": false, \"unique_against\": [\"ID\"]", "unique_against", "unique_against is there beside unique false; allowed")]
    [InlineData("\"unique_against\": [\"ID\"]", "unique_against[0]", "which is running; allowed: a job that has ended")]
    public async Task A_job_that_cannot_be_compared_with_is_refused(string field, string name, string message)
    {
        var running = await _api.SubmitAsync("""{"generators": ["alpha"], "samples": 10, "seed": 7}""");
        var body = $"{{\"generators\": [\"alpha\"], \"samples\": 10, {field.Replace("ID", running.Id, StringComparison.Ordinal)}}}";

        (await _api.PostJobAsync(body, HttpStatusCode.BadRequest)).ErrorOf(name).ShouldContain(message);
    }

    [Fact]
    public async Task The_field_unique_wants_true_or_false() =>
        (await _api.PostJobAsync("""{"generators": ["alpha"], "samples": 1, "unique": "yes"}""", HttpStatusCode.BadRequest))
            .GetRawText().ShouldContain("; allowed: true or false.");

    private Task<JsonElement> LookAsync(string id) => _api.GetAsync($"/v1/jobs/{id}");
}
