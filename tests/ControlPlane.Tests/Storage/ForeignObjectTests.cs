using System.Net;
using System.Text.Json;
using VmDataset.Pipeline.Records;

namespace VmDataset.ControlPlane.Tests.Storage;

/// <summary>Objects that others have put beside ours.</summary>
public abstract class ForeignObjectTests : DamagedStore
{
    private static readonly string[] Names = ["", ".DS_Store", "Thumbs.db", "notes.txt", "a/b.txt", "y", "00000000-1.jso", "000000000000000-"];

    [Fact]
    public async Task The_start_and_every_list_pass_them_over_and_tell_of_each_once()
    {
        var job = await Api.SubmitAsync("""{"generators": ["alpha"], "samples": 20, "seed": 7, "batch_size": 10, "webhook_url": "http://127.0.0.1:9/"}""");
        await Api.DrainAsync();
        await Api.FinishAsync(job, "alpha", 0, 10);
        await Api.FailAsync(job, "alpha", 10, 10);
        await Api.DeadLetterAsync(job, "alpha", 10, 10);
        await PutStrangersAsync(job.Id);

        await Api.RestartAsync();
        Log.Clear();
        for (var round = 0; round < 3; round++) await LookAtEverythingAsync(job.Id);

        (await Api.GetAsync($"/v1/jobs/{job.Id}")).GetProperty("state").GetString().ShouldBe("failed");
        (await Api.GetAsync("/v1/jobs")).GetProperty("items").EnumerateArray().Select(static each => each.GetProperty("id").GetString()).ShouldBe([job.Id]);
        Log.Errors.ShouldBeEmpty();
        var strangers = Log.All.Where(static line => line.Contains("is none of this product's", StringComparison.Ordinal)).ToList();
        strangers.ShouldBeUnique();
        foreach (var prefix in new[] { "submitted/", "datasets/", "webhooks/", "keys/" }) strangers.ShouldContain(line => line.Contains($" {prefix}.DS_Store ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Foreign_objects_lock_nobody_out_and_a_job_among_them_can_be_deleted()
    {
        var job = await Api.SubmitAsync("""{"generators": ["alpha"], "samples": 10}""");
        await Api.FinishAsync(job, "alpha", 0, 10);
        await PutStrangersAsync(job.Id);
        await Api.RestartAsync();

        using var client = Api.Client();
        await Eventually.BeTrueAsync(async () =>
        {
            using var answer = await client.DeleteAsync(new Uri($"/v1/jobs/{job.Id}", UriKind.Relative), Token);
            return answer.StatusCode == HttpStatusCode.NoContent;
        });
        // What was writing its dataset in that moment may have been late.
        await Eventually.BeTrueAsync(async () =>
        {
            await Api.ReconcileAsync();
            return (await KeysAsync(ObjectKeys.JobPrefix(job.Id))).TrueForAll(key => key.StartsWith(ObjectKeys.ControlPrefix(job.Id), StringComparison.Ordinal));
        });
        (await Api.GetAsync("/v1/jobs")).GetProperty("items").GetArrayLength().ShouldBe(0);
    }

    private async Task PutStrangersAsync(string jobId)
    {
        string[] prefixes =
        [
            "submitted/", "datasets/", "webhooks/", "keys/", "checks/", "reuse/", "idempotency/", ObjectKeys.OpenPrefix("local"), ObjectKeys.JobPrefix(jobId),
            .. new[] { "control", "done", "done/alpha", "failed", "failed/alpha", "dead", "dead/000000", "dead/000000/alpha", "sent", "webhook", "webhook/x" }
                .Select(folder => $"{ObjectKeys.JobPrefix(jobId)}{folder}/"),
        ];
        foreach (var key in prefixes.SelectMany(static prefix => Names, static (prefix, name) => prefix + name)) await PutRawAsync(key, "");
        await PutRawAsync($"jobs/{jobId}/dead/00000000-1.json", "");
    }

    private async Task LookAtEverythingAsync(string id)
    {
        foreach (var path in new[]
        {
            "/v1/jobs", $"/v1/jobs/{id}", $"/v1/jobs/{id}/samples", $"/v1/jobs/{id}/batches", $"/v1/jobs/{id}/failures", $"/v1/jobs/{id}/quality",
            $"/v1/jobs/{id}/webhook", "/v1/keys", "/v1/generators", "/v1/queue", "/v1/dead-letters", "/v1/fleet",
        }) (await Api.GetAsync(path)).ValueKind.ShouldBe(JsonValueKind.Object, path);
        using var client = Api.Client();
        (await client.GetStringAsync(new Uri("/metrics", UriKind.Relative), Token)).ShouldNotBeEmpty();
        await Api.ReconcileAsync();
        (await Api.PostJobAsync("""{"generators": ["gamma"], "samples": 1}""", HttpStatusCode.BadRequest)).GetProperty("errors").ValueKind.ShouldBe(JsonValueKind.Object);
    }
}

public sealed class LocalForeignObjectTests : ForeignObjectTests
{
    protected override bool OnS3 => false;
}

public sealed class S3ForeignObjectTests : ForeignObjectTests
{
    protected override bool OnS3 => true;
}
