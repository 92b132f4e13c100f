using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using VmDataset.ControlPlane.Auth;
using VmDataset.ControlPlane.Auth.Keys;
using VmDataset.ControlPlane.Tests.Datasets;
using VmDataset.ControlPlane.Tests.Webhooks;
using VmDataset.Pipeline.Generators;
using VmDataset.Pipeline.Records;

namespace VmDataset.ControlPlane.Tests.Storage;

/// <summary>Records beside the jobs that a power cut has left empty or cut short.</summary>
public abstract class UnreadableRecordTests : DamagedStore
{
    public static TheoryData<string> Left => ["", "{", "null", "{}"];

    [Theory, MemberData(nameof(Left))]
    public async Task An_idempotency_key_says_so_and_makes_nothing(string left)
    {
        const string body = """{"generators": ["alpha"], "samples": 20, "batch_size": 10}""";
        var first = await SubmitAsync("key", body);
        await PutRawAsync(ObjectKeys.Idempotency(Convert.ToHexStringLower(SHA256.HashData("local\nkey"u8))), left);

        var problem = await SubmitAsync("key", body, HttpStatusCode.Conflict);

        problem.GetProperty("detail").GetString()!.ShouldContain("Idempotency-Key");
        (await Api.GetAsync("/v1/jobs")).GetProperty("items").GetArrayLength().ShouldBe(1);
        (await SubmitAsync("another", body)).GetProperty("id").GetString().ShouldNotBe(first.GetProperty("id").GetString());
    }

    [Theory, MemberData(nameof(Left))]
    public async Task A_job_whose_record_was_lost_is_mended_by_its_idempotency_key(string left)
    {
        const string body = """{"generators": ["alpha"], "samples": 20, "batch_size": 10}""";
        var first = await SubmitAsync("key", body);
        var id = first.GetProperty("id").GetString()!;
        await PutRawAsync(ObjectKeys.Job(id), left);
        await Api.RestartAsync();

        (await SubmitAsync("key", body)).GetProperty("id").GetString().ShouldBe(id);
        (await Api.GetAsync($"/v1/jobs/{id}")).GetProperty("spec").GetRawText().ShouldBe(first.GetProperty("spec").GetRawText());

        // Deleted while it could not be read, it leaves its key to others.
        await PutRawAsync(ObjectKeys.Job(id), left);
        await Api.RestartAsync();
        using var client = Api.Client();
        await Eventually.BeTrueAsync(async () => (await client.DeleteAsync(new Uri($"/v1/jobs/{id}", UriKind.Relative), Token)).StatusCode == HttpStatusCode.NoContent);
        (await SubmitAsync("key", body)).GetProperty("id").GetString().ShouldNotBe(id);
    }

    [Theory, MemberData(nameof(Left))]
    public async Task A_check_is_as_if_nobody_had_tried(string left)
    {
        var alpha = Api.Services.GetRequiredService<IGeneratorCatalog>().Find("alpha")!;
        await PutRawAsync(ObjectKeys.Check("alpha", alpha.Version), left);

        (await Api.GetAsync("/v1/generators")).GetProperty("items").GetArrayLength().ShouldBe(2);
        await Api.PostJobAsync("""{"generators": ["alpha"], "samples": 1}""");
        await Api.Services.GetRequiredService<TrialResultStore>().WriteAsync(new GeneratorTrialResult { Generator = "alpha", Version = alpha.Version, At = DateTimeOffset.UtcNow }, Token);
        (await Api.Services.GetRequiredService<TrialResultStore>().FindAsync(alpha, Token)).ShouldNotBeNull();
    }

    [Theory, MemberData(nameof(Left))]
    public async Task A_dataset_is_written_anew(string left)
    {
        var job = await Api.SubmitAsync("""{"generators": ["alpha"], "samples": 5, "seed": 7}""");
        await Api.Store.DrawAsync(job, "alpha", 0, 5);
        await PutRawAsync(ObjectKeys.Dataset(job.Id), left);
        await PutRawAsync(ObjectKeys.DatasetDispatch(job.Id), left);
        await PutRawAsync(ObjectKeys.DatasetProblem(job.Id), left);

        var ready = await Eventually.GetAsync(async () =>
        {
            await Api.ReconcileAsync();
            return (await Api.GetAsync($"/v1/jobs/{job.Id}")).GetProperty("dataset");
        }, static dataset => dataset.GetProperty("state").GetString() == "ready");

        ready.GetProperty("files").GetArrayLength().ShouldBe(5);
        Log.Errors.ShouldBeEmpty();
    }

    [Theory, MemberData(nameof(Left))]
    public async Task A_webhook_is_told_all_the_same(string left)
    {
        await using var receiver = new Receiver();
        var job = await Api.SubmitHookedAsync(receiver.Url);
        var prefix = $"{ObjectKeys.WebhookPrefix(job.Id)}{job.Id}_job_ended/";
        // The record of a body is any JSON, whose content nobody can check.
        await PutRawAsync(prefix + "body.json", left == "{}" ? "" : left);
        await PutRawAsync(prefix + "01-claim.json", left);
        await PutRawAsync(prefix + "01-result.json", left);
        await Api.FinishAsync(job, "alpha", 0, 10);
        Api.Time.Shift = TimeSpan.FromMinutes(10);

        await Hooked.UntilAsync(Api, job, "delivered");

        receiver.Messages.ShouldHaveSingleItem().Json.At("data.id").GetString().ShouldBe(job.Id);
        Log.Errors.ShouldBeEmpty();
    }

    [Theory, MemberData(nameof(Left))]
    public async Task A_key_is_listed_can_be_revoked_and_lets_nobody_in(string left)
    {
        var keys = new KeyStore(Api.Store, TimeProvider.System);
        var (broken, text) = await keys.CreateAsync(new KeyRequest { Name = "broken", Role = Role.Admin }, Token);
        var (_, admin) = await keys.CreateAsync(new KeyRequest { Name = "admin", Role = Role.Admin }, Token);
        await PutRawAsync(ObjectKeys.Key(broken.Id), left);
        await Api.RestartAsync();
        using var client = Api.Client();
        client.DefaultRequestHeaders.Add("X-Api-Key", admin);

        var list = JsonElement.Parse(await client.GetStringAsync(new Uri("/v1/keys", UriKind.Relative), Token)).GetProperty("items").EnumerateArray().ToList();
        list.Count.ShouldBe(2);
        var listed = list.Single(key => key.GetProperty("id").GetString() == broken.Id);
        listed.GetProperty("unreadable").GetString().ShouldNotBeNullOrEmpty();
        listed.TryGetProperty("role", out _).ShouldBeFalse();
        using var other = Api.Client();
        other.DefaultRequestHeaders.Add("X-Api-Key", text);
        (await other.GetAsync(new Uri("/v1/whoami", UriKind.Relative), Token)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);

        (await client.DeleteAsync(new Uri($"/v1/keys/{broken.Id}", UriKind.Relative), Token)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await KeysAsync("keys/")).ShouldHaveSingleItem();
        Log.Errors.ShouldBeEmpty();
    }

    private async Task<JsonElement> SubmitAsync(string key, string body, HttpStatusCode expected = HttpStatusCode.Accepted)
    {
        using var client = Api.Client();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/v1/jobs", UriKind.Relative)) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("Idempotency-Key", key);
        using var answer = await client.SendAsync(request, Token);
        var text = await answer.Content.ReadAsStringAsync(Token);
        answer.StatusCode.ShouldBe(expected, text);
        return JsonElement.Parse(text);
    }
}

public sealed class LocalUnreadableRecordTests : UnreadableRecordTests
{
    protected override bool OnS3 => false;
}

public sealed class S3UnreadableRecordTests : UnreadableRecordTests
{
    protected override bool OnS3 => true;
}
