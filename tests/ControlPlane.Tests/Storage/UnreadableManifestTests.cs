using System.Net;
using System.Text.Json;
using VmDataset.ControlPlane.Tests.Datasets;
using VmDataset.Pipeline.Jobs;

namespace VmDataset.ControlPlane.Tests.Storage;

/// <summary>A manifest that a power cut has emptied or cut short counts as missing, so that a retry draws its samples again.</summary>
public abstract class UnreadableManifestTests : DamagedStore
{
    private const string Body = """{"generators": ["alpha"], "samples": 20, "seed": 7, "batch_size": 10}""";

    // LIST tells the first; the second has to be read.
    public static TheoryData<string> Left => ["", "{\"generator\": \"alpha\", \"version\": \"0123456789abcdef\", \"domain\": \"shape\", \"start_in", "null" + new string(' ', 200), "{}" + new string(' ', 200)];

    [Theory, MemberData(nameof(Left))]
    public async Task A_retry_draws_exactly_its_samples_again(string left)
    {
        var job = await DoneAsync(left);

        var view = await RetryAsync(job);

        view.GetProperty("state").GetString().ShouldBe("running");
        view.At("samples.done").GetInt32().ShouldBe(10);
        view.GetProperty("reason").GetString()!.ShouldContain("retry");
        (await Api.DrainAsync()).Select(static message => (message.StartIndex, message.NumSamples)).ShouldBe([(10, 10)]);

        await Api.FinishAsync(job, "alpha", 10, 10);
        view = await Api.GetAsync($"/v1/jobs/{job.Id}");
        view.GetProperty("state").GetString().ShouldBe("succeeded");
        view.TryGetProperty("reason", out _).ShouldBeFalse();
        (await Api.GetAsync($"/v1/jobs/{job.Id}/samples?limit=100")).GetProperty("items").GetArrayLength().ShouldBe(20);
    }

    [Theory, MemberData(nameof(Left))]
    public async Task Every_reader_continues_without_an_unreadable_manifest_and_the_state_agrees(string left)
    {
        foreach (var path in new[] { "samples?limit=100", "batches", "quality" })
        {
            var job = await DoneAsync(left);
            var items = (await Api.GetAsync($"/v1/jobs/{job.Id}/{path}")).GetProperty("items").EnumerateArray().ToList();
            if (path.StartsWith("samples", StringComparison.Ordinal)) items.Select(static each => each.GetProperty("index").GetInt32()).ShouldBe(Enumerable.Range(0, 10));
            if (path == "batches") items.Select(static each => each.GetProperty("state").GetString()).ShouldBe(["done", "waiting"]);
            if (path == "quality") items[0].GetProperty("samples").GetInt32().ShouldBe(10);

            var view = await Api.GetAsync($"/v1/jobs/{job.Id}");
            view.GetProperty("state").GetString().ShouldBe("running", path);
            view.At("samples.done").GetInt32().ShouldBe(10);
            view.GetProperty("reason").GetString()!.ShouldContain("alpha [10, 20)");
        }
    }

    [Theory, MemberData(nameof(Left))]
    public async Task A_dataset_is_not_written_without_its_samples(string left)
    {
        var job = await Api.SubmitAsync(Body);
        await Api.Store.DrawAsync(job, "alpha", 0, 10);
        await Api.Store.DrawAsync(job, "alpha", 10, 10);
        await PutRawAsync($"jobs/{job.Id}/done/alpha/00000010-10.json", left);

        await Eventually.GetAsync(async () =>
        {
            await Api.ReconcileAsync();
            return await Api.GetAsync($"/v1/jobs/{job.Id}");
        }, static view => view.GetProperty("state").GetString() == "running");
        await RetryAsync(job);
        await Api.Store.DrawAsync(job, "alpha", 10, 10);

        var ready = await Eventually.GetAsync(async () =>
        {
            await Api.ReconcileAsync();
            return (await Api.GetAsync($"/v1/jobs/{job.Id}")).GetProperty("dataset");
        }, static dataset => dataset.GetProperty("state").GetString() == "ready");
        ready.GetProperty("samples").GetInt32().ShouldBe(20);
    }

    private async Task<Job> DoneAsync(string left)
    {
        var job = await Api.SubmitAsync(Body);
        await Api.DrainAsync();
        await Api.FinishAsync(job, "alpha", 0, 10);
        await Api.FinishAsync(job, "alpha", 10, 10);
        await PutRawAsync($"jobs/{job.Id}/done/alpha/00000010-10.json", left);
        return job;
    }

    private async Task<JsonElement> RetryAsync(Job job)
    {
        using var client = Api.Client();
        using var answer = await client.PostAsync(new Uri($"/v1/jobs/{job.Id}/retry", UriKind.Relative), null, Token);
        var body = await answer.Content.ReadAsStringAsync(Token);
        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted, body);
        return JsonElement.Parse(body);
    }
}

public sealed class LocalUnreadableManifestTests : UnreadableManifestTests
{
    protected override bool OnS3 => false;
}

public sealed class S3UnreadableManifestTests : UnreadableManifestTests
{
    protected override bool OnS3 => true;
}
