using System.Net;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Records;

namespace VmDataset.ControlPlane.Tests.Storage;

/// <summary>Jobs of which a power cut has left a record empty or cut short.</summary>
public abstract class UnreadableJobTests : DamagedStore
{
    private const string Body = """{"generators": ["alpha"], "samples": 20, "seed": 7, "batch_size": 10}""";

    [Theory]
    [InlineData("")]
    [InlineData("{\"id\": \"2026")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"id\": null, \"created_at\": \"2026-11-23T12:00:00+00:00\"}")]
    public async Task A_job_without_a_readable_record_is_listed_as_that_and_can_be_deleted(string left)
    {
        var (broken, whole) = (await Api.SubmitAsync(Body), await Api.SubmitAsync(Body));
        await Api.FinishAsync(broken, "alpha", 0, 10);
        var record = ObjectKeys.Job(broken.Id);
        await DamageAsync(record, left);

        (await StatesAsync()).ShouldBe([whole.Id + " running", broken.Id + " unreadable"], ignoreOrder: true);
        var view = await Api.GetAsync($"/v1/jobs/{broken.Id}");
        view.GetProperty("state").GetString().ShouldBe("unreadable");
        view.GetProperty("reason").GetString()!.ShouldContain(record);
        foreach (var path in new[] { "samples", "batches", "failures", "quality", "download", "webhook", "events" })
            (await Api.GetAsync($"/v1/jobs/{broken.Id}/{path}", HttpStatusCode.Conflict)).GetProperty("detail").GetString()!.ShouldContain(record);
        foreach (var verb in new[] { "cancel", "pause", "resume", "retry" }) (await PostAsync(broken, verb)).ShouldBe(HttpStatusCode.Conflict);

        await DeleteAsync(broken);

        (await StatesAsync()).ShouldBe([whole.Id + " running"]);
        await Api.GetAsync($"/v1/jobs/{broken.Id}", HttpStatusCode.NotFound);
        (await KeysAsync(ObjectKeys.JobPrefix(broken.Id))).ShouldBe([ObjectKeys.Control(broken.Id, 1)]);
        (await KeysAsync("submitted/")).ShouldHaveSingleItem().ShouldEndWith(whole.Id);
        ToldOnce(record);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"number\": 1, \"verb\": \"canc")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"number\": 7, \"verb\": \"cancelled\", \"at\": \"2026-11-23T12:00:00+00:00\"}")]
    public async Task A_job_without_a_readable_log_is_listed_as_that_and_can_be_deleted(string left)
    {
        var (broken, whole) = (await Api.SubmitAsync(Body), await Api.SubmitAsync(Body));
        await Api.FinishAsync(broken, "alpha", 0, 10);
        (await PostAsync(broken, "cancel")).ShouldBe(HttpStatusCode.OK);
        var record = ObjectKeys.Control(broken.Id, 1);
        await DamageAsync(record, left);

        for (var round = 0; round < 3; round++)
        {
            (await StatesAsync()).ShouldBe([whole.Id + " running", broken.Id + " unreadable"], ignoreOrder: true);
            await Api.ReconcileAsync();
        }

        var view = await Api.GetAsync($"/v1/jobs/{broken.Id}");
        view.GetProperty("reason").GetString()!.ShouldContain(record);
        view.At("spec.samples").GetInt32().ShouldBe(20);
        foreach (var path in new[] { "samples", "batches", "failures", "quality" }) await Api.GetAsync($"/v1/jobs/{broken.Id}/{path}");
        foreach (var verb in new[] { "cancel", "pause", "resume", "retry" }) (await PostAsync(broken, verb)).ShouldBe(HttpStatusCode.Conflict);
        ToldOnce(record);

        await DeleteAsync(broken);
        (await StatesAsync()).ShouldBe([whole.Id + " running"]);
        (await KeysAsync(ObjectKeys.JobPrefix(broken.Id))).ShouldBe([record, ObjectKeys.Control(broken.Id, 2)]);
        Log.Errors.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_stream_of_events_of_an_unreadable_log_ends()
    {
        var broken = await Api.SubmitAsync(Body);
        await PutRawAsync(ObjectKeys.Control(broken.Id, 1), "");
        using var client = Api.Client();
        var events = await client.GetStringAsync(new Uri($"/v1/jobs/{broken.Id}/events", UriKind.Relative), Token).WaitAsync(TimeSpan.FromSeconds(60), Token);
        events.ShouldContain("event: end");
        events.ShouldContain("unreadable");
    }

    [Fact]
    public async Task A_failure_without_a_readable_record_is_told_as_that()
    {
        var job = await Api.SubmitAsync(Body);
        await Api.FailAsync(job, "alpha", 0, 5);
        await Api.FailAsync(job, "alpha", 10, 5);
        await DamageAsync($"jobs/{job.Id}/failed/alpha/00000010-5.json", "{");
        await Api.DeadLetterAsync(job, "alpha", 10, 5);
        await DamageAsync($"jobs/{job.Id}/dead/000000/alpha/00000010-5.json", "");

        var failures = (await Api.GetAsync($"/v1/jobs/{job.Id}/failures")).GetProperty("items").EnumerateArray().ToList();
        failures.Select(static each => $"{each.GetProperty("start_index")} {each.GetProperty("kind").GetString()} {each.GetProperty("permanent")}").ShouldBe(["0 raised False", "10 unreadable True"]);
        (await Api.GetAsync($"/v1/jobs/{job.Id}/batches?state=failed")).At("items[0].last_error.kind").GetString().ShouldBe("unreadable");
        (await Api.GetAsync($"/v1/jobs/{job.Id}/quality")).GetProperty("items").GetArrayLength().ShouldBe(1);
        (await Api.GetAsync($"/v1/jobs/{job.Id}")).At("samples.failed").GetInt32().ShouldBe(5);
    }

    private async Task DamageAsync(string key, string left)
    {
        await PutRawAsync(key, left);
        // What was read before is remembered.
        await Api.RestartAsync();
    }

    private void ToldOnce(string key) => Log.All.Count(line => line.Contains($"The record {key} cannot be read", StringComparison.Ordinal)).ShouldBe(1);

    private async Task<List<string>> StatesAsync() =>
        [.. (await Api.GetAsync("/v1/jobs")).GetProperty("items").EnumerateArray().Select(static job => $"{job.GetProperty("id").GetString()} {job.GetProperty("state").GetString()}")];

    private async Task<HttpStatusCode> PostAsync(Job job, string verb)
    {
        using var client = Api.Client();
        using var answer = await client.PostAsync(new Uri($"/v1/jobs/{job.Id}/{verb}", UriKind.Relative), null, Token);
        return answer.StatusCode;
    }

    private Task DeleteAsync(Job job) => Eventually.BeTrueAsync(async () =>
    {
        using var client = Api.Client();
        using var answer = await client.DeleteAsync(new Uri($"/v1/jobs/{job.Id}", UriKind.Relative), Token);
        answer.StatusCode.ShouldBeOneOf(HttpStatusCode.Accepted, HttpStatusCode.NoContent);
        return answer.StatusCode == HttpStatusCode.NoContent;
    });
}

public sealed class LocalUnreadableJobTests : UnreadableJobTests
{
    protected override bool OnS3 => false;
}

public sealed class S3UnreadableJobTests : UnreadableJobTests
{
    protected override bool OnS3 => true;
}
