using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using VmDataset.ControlPlane.Auth;
using VmDataset.ControlPlane.Auth.Keys;
using VmDataset.ControlPlane.Tests.Http;
using VmDataset.Pipeline.Local;
using VmDataset.Pipeline.Storage;

namespace VmDataset.ControlPlane.Tests.Auth;

public sealed class RateLimitTests
{
    [Fact]
    public async Task A_caller_has_so_many_requests_a_minute_and_takes_none_of_anothers()
    {
        await using var locked = new LockedApi(new Dictionary<string, string> { ["REQUESTS_PER_MINUTE"] = "5" });
        var (_, busy) = await locked.MakeKeyAsync("read");
        var (_, other) = await locked.MakeKeyAsync("read");

        for (var i = 0; i < 5; i++) (await locked.StatusAsync("/v1/jobs", busy)).ShouldBe(HttpStatusCode.OK);
        using var refused = await locked.SendAsync(HttpMethod.Get, "/v1/jobs", busy);

        refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds.ShouldBeInRange(1, 12);
        var problem = await refused.Content.ReadFromJsonAsync<JsonElement>();
        problem.GetProperty("status").GetInt32().ShouldBe(429);
        problem.GetProperty("retry_after_seconds").GetInt32().ShouldBe((int)refused.Headers.RetryAfter.Delta.Value.TotalSeconds);
        problem.GetProperty("trace_id").GetString().ShouldNotBeNullOrEmpty();
        (await locked.StatusAsync("/v1/jobs", other)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_signs_of_life_are_never_refused()
    {
        await using var locked = new LockedApi(new Dictionary<string, string> { ["REQUESTS_PER_MINUTE"] = "1" });

        for (var i = 0; i < 20; i++)
        {
            (await locked.StatusAsync("/health/live", null)).ShouldBe(HttpStatusCode.OK);
            (await locked.StatusAsync("/health/ready", null)).ShouldBe(HttpStatusCode.OK);
        }
    }

    [Fact]
    public async Task Guessing_keys_comes_to_an_end_and_hinders_nobody_whose_key_is_known()
    {
        await using var locked = new LockedApi();
        var (_, key) = await locked.MakeKeyAsync("read");
        (await locked.StatusAsync("/v1/jobs", key)).ShouldBe(HttpStatusCode.OK);

        for (var i = 0; i < 30; i++) (await locked.StatusAsync("/v1/jobs", KeyText.New().Text)).ShouldBe(HttpStatusCode.Unauthorized);
        using var refused = await locked.SendAsync(HttpMethod.Get, "/v1/jobs", KeyText.New().Text);

        refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        refused.Headers.RetryAfter.ShouldNotBeNull();
        (await locked.StatusAsync("/v1/jobs", key)).ShouldBe(HttpStatusCode.OK);
        locked.Api.Time.Shift += KeyStore.Freshness;
        (await locked.StatusAsync("/v1/jobs", key)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_key_that_this_instance_has_never_seen_works_from_an_address_of_many_wrong_ones()
    {
        using var folder = new TemporaryFolder();
        var store = new HangingStore(new FileSystemObjectStore(folder.Path)) { Hangs = false };
        await using var locked = new LockedApi(null, services => services.AddSingleton<IObjectStore>(store));
        for (var i = 0; i < 40; i++) await locked.StatusAsync("/v1/whoami", KeyText.New().Text);
        // As another instance makes it.
        var (_, key) = await new KeyStore(store, TimeProvider.System).CreateAsync(new KeyRequest { Name = "other", Role = Role.Read });
        var before = store.Calls;

        var wrong = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => locked.StatusAsync("/v1/whoami", KeyText.New().Text)));
        var right = await locked.StatusAsync("/v1/whoami", key);

        right.ShouldBe(HttpStatusCode.OK);
        wrong.Distinct().ShouldBeSubsetOf([HttpStatusCode.TooManyRequests, HttpStatusCode.Unauthorized]);
        // One LIST for many; a token comes back every two seconds and lets one look for itself.
        (store.Calls - before).ShouldBeLessThan(50);
    }

    [Fact]
    public async Task An_open_api_has_none()
    {
        await using var api = new Api();
        using var client = api.Client();
        for (var i = 0; i < 650; i++)
        {
            using var answer = await client.GetAsync(new Uri("/v1/whoami", UriKind.Relative));
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        }
    }
}
