using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using VmDataset.ControlPlane.Auth;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;

namespace VmDataset.ControlPlane.Tests.Auth;

public sealed class QuotaTests : IAsyncDisposable
{
    private readonly LockedApi _locked = new(new Dictionary<string, string> { ["MAX_OPEN_JOBS"] = "2" });

    public ValueTask DisposeAsync() => _locked.DisposeAsync();

    [Fact]
    public async Task A_caller_has_so_many_unfinished_jobs_and_one_more_when_one_has_ended()
    {
        var (id, key) = await _locked.MakeKeyAsync("submit");
        var first = await AcceptedAsync(key);
        await AcceptedAsync(key);

        using (var refused = await _locked.SubmitAsync(key))
        {
            refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
            refused.Headers.RetryAfter!.Delta!.Value.ShouldBe(TimeSpan.FromMinutes(1));
            (await DetailAsync(refused)).ShouldBe($"key:{id} has 2 unfinished jobs; allowed: 2 at once (max_open_jobs).");
        }

        (await MarkersAsync(id)).Count.ShouldBe(2);
        await AcceptedAsync((await _locked.MakeKeyAsync("submit")).Text);
        await _locked.Api.FinishAsync(first, "alpha", 0, 1);
        await AcceptedAsync(key);
        (await MarkersAsync(id)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_keys_own_quota_goes_before_the_settings()
    {
        var (_, key) = await _locked.MakeKeyAsync("submit", new { max_open_jobs = 3 });
        var (_, none) = await _locked.MakeKeyAsync("submit", new { max_open_jobs = 0 });

        for (var i = 0; i < 3; i++) await AcceptedAsync(key);
        using var refused = await _locked.SubmitAsync(key);
        using var never = await _locked.SubmitAsync(none);

        refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        never.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Samples_are_summed_over_unfinished_jobs()
    {
        var (id, key) = await _locked.MakeKeyAsync("submit", new { max_open_jobs = 100, max_open_samples = 100 });
        await AcceptedAsync(key, 60);

        using var tooMany = await _locked.SubmitAsync(key, 41);
        using var hopeless = await _locked.SubmitAsync(key, 101);

        tooMany.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        (await DetailAsync(tooMany)).ShouldBe($"key:{id} has unfinished jobs of 60 samples, and this one has 41; allowed: 100 together (max_open_samples).");
        hopeless.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await DetailAsync(hopeless)).ShouldContain("allowed: at most 100, the quota of");
        await AcceptedAsync(key, 40);
    }

    [Fact]
    public async Task Simultaneous_submissions_are_accepted_up_to_the_quota()
    {
        var (id, key) = await _locked.MakeKeyAsync("submit");

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => _locked.SubmitAsync(key)));

        answers.Count(static answer => answer.StatusCode == HttpStatusCode.Accepted).ShouldBe(2);
        answers.Count(static answer => answer.StatusCode == HttpStatusCode.TooManyRequests).ShouldBe(10);
        (await MarkersAsync(id)).Count.ShouldBe(2);
        foreach (var answer in answers) answer.Dispose();
    }

    [Fact]
    public async Task Instances_that_know_nothing_of_each_other_never_give_away_a_place_twice()
    {
        var services = _locked.Api.Services;
        await _locked.StatusAsync("/health/live", null);
        var caller = new Caller { Id = "key:abc", Name = "a", Role = Role.Submit };
        var instances = Enumerable.Range(0, 8).Select(_ => new Quotas(services.GetRequiredService<AccessLimits>(), _locked.Api.Store,
            services.GetRequiredService<JobStore>(), services.GetRequiredService<ProgressReader>(), TimeProvider.System)).ToList();

        var problems = await Task.WhenAll(instances.Select((quotas, i) => Task.Run(() => quotas.TryOpenAsync(caller, Job($"job-{i}")))));

        problems.Count(static problem => problem is null).ShouldBeLessThanOrEqualTo(2);
        (await MarkersAsync("abc")).Count.ShouldBe(problems.Count(static problem => problem is null));
    }

    [Fact]
    public async Task A_place_whose_job_never_came_is_free_after_a_minute()
    {
        await _locked.StatusAsync("/health/live", null);
        var quotas = _locked.Api.Services.GetRequiredService<Quotas>();
        var caller = new Caller { Id = "jwt:../../a b", Name = "a", Role = Role.Submit };
        (await quotas.TryOpenAsync(caller, Job("one"))).ShouldBeNull();
        (await quotas.TryOpenAsync(caller, Job("two"))).ShouldBeNull();
        (await quotas.TryOpenAsync(caller, Job("three"))).ShouldNotBeNull();

        _locked.Api.Time.Shift += TimeSpan.FromMinutes(2);

        (await quotas.TryOpenAsync(caller, Job("three"))).ShouldBeNull();
    }

    private static Job Job(string id) => new()
    {
        Id = id,
        CreatedAt = DateTimeOffset.UtcNow,
        Generators = [new JobGenerator("alpha", null)],
        StartIndex = 0,
        Samples = 1,
        BatchSize = 1,
        Seed = 1,
        OutputFormat = OutputFormat.Files,
    };

    private async Task<Job> AcceptedAsync(string key, int samples = 1)
    {
        using var answer = await _locked.SubmitAsync(key, samples);
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>();
        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted, body.GetRawText());
        return (await _locked.Api.Services.GetRequiredService<JobStore>().FindAsync(body.GetProperty("id").GetString()!))!;
    }

    private async Task<List<ObjectEntry>> MarkersAsync(string keyId)
    {
        List<ObjectEntry> markers = [];
        await foreach (var entry in _locked.Api.Store.ListAsync(ObjectKeys.OpenPrefix("key:" + keyId))) markers.Add(entry);
        return markers;
    }

    private static async Task<string> DetailAsync(HttpResponseMessage answer) =>
        (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString()!;
}
