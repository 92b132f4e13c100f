using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using VmDataset.ControlPlane.Auth;
using VmDataset.ControlPlane.Auth.Keys;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;

namespace VmDataset.ControlPlane.Tests.Auth;

public sealed class KeyTests : IAsyncDisposable
{
    private readonly LockedApi _locked = new();

    public ValueTask DisposeAsync() => _locked.DisposeAsync();

    [Fact]
    public async Task Keys_are_told_once_and_kept_as_hashes()
    {
        var (id, text) = await _locked.MakeKeyAsync("submit", new { max_open_jobs = 3, expires_at = "2999-01-01T00:00:00+01:00" });

        text.ShouldStartWith($"vmd_{id}_");
        var stored = await File.ReadAllTextAsync(Path.Combine(_locked.Api.DataDir, "store", "keys", $"{id}.json"));
        stored.ShouldNotContain(text.Split('_', 3)[2]);
        stored.ShouldContain(KeyText.Sha256(text));
        using var list = await _locked.SendAsync(HttpMethod.Get, "/v1/keys", _locked.Admin);
        var listed = (await list.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("items")[0];
        listed.GetProperty("id").GetString().ShouldBe(id);
        listed.GetProperty("role").GetString().ShouldBe("submit");
        listed.GetProperty("max_open_jobs").GetInt32().ShouldBe(3);
        listed.GetProperty("expires_at").GetString().ShouldBe("2998-12-31T23:00:00+00:00");
        listed.TryGetProperty("key", out _).ShouldBeFalse();
        listed.TryGetProperty("sha256", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Keys_are_listed_page_by_page()
    {
        List<string> made = [];
        for (var i = 0; i < 3; i++) made.Add((await _locked.MakeKeyAsync("read")).Id);

        List<string> seen = [];
        string? cursor = "";
        while (cursor is not null)
        {
            using var answer = await _locked.SendAsync(HttpMethod.Get, $"/v1/keys?limit=2{(cursor.Length == 0 ? "" : "&cursor=" + cursor)}", _locked.Admin);
            var page = await answer.Content.ReadFromJsonAsync<JsonElement>();
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(key => key.GetProperty("id").GetString()!));
            cursor = page.TryGetProperty("next_cursor", out var next) ? next.GetString() : null;
        }

        seen.ShouldBe(made.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Keys_go_in_either_header_and_say_who_one_is()
    {
        var (id, text) = await _locked.MakeKeyAsync("read");

        using var answer = await _locked.SendAsync(HttpMethod.Get, "/v1/whoami", null, prepare: request =>
        {
            request.Headers.TryAddWithoutValidation("Authorization", "AWS4-HMAC-SHA256 Credential=...");
            request.Headers.Add("X-Api-Key", text);
        });

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        var caller = await answer.Content.ReadFromJsonAsync<JsonElement>();
        caller.GetProperty("id").GetString().ShouldBe($"key:{id}");
        caller.GetProperty("role").GetString().ShouldBe("read");
        caller.GetProperty("requests_per_minute").GetInt32().ShouldBe(600);
        (await _locked.StatusAsync("/v1/whoami", text)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Keys_submit_jobs_that_name_them()
    {
        var (id, text) = await _locked.MakeKeyAsync("submit");

        using var answer = await _locked.SubmitAsync(text);

        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("created_by").GetString().ShouldBe($"key:{id}");
    }

    [Fact]
    public async Task Keys_that_do_not_hold_say_why_to_their_owner_alone()
    {
        var (id, text) = await _locked.MakeKeyAsync("read", new { expires_at = _locked.Api.Time.GetUtcNow().AddHours(1) });
        var (_, other) = await _locked.MakeKeyAsync("read");
        (await _locked.ProblemAsync("/v1/keys", text)).ShouldBe((HttpStatusCode.Forbidden, $"key:{id} has the role read; needed: admin."));

        _locked.Api.Time.Shift += TimeSpan.FromHours(2);

        var (status, detail) = await _locked.ProblemAsync("/v1/jobs", text);
        status.ShouldBe(HttpStatusCode.Unauthorized);
        detail.ShouldStartWith("The key expired at 2");
        // The right id with another's secret learns no more than a wrong id.
        var forged = $"vmd_{id}_{other.Split('_', 3)[2]}";
        (await _locked.ProblemAsync("/v1/jobs", forged)).ShouldBe(await _locked.ProblemAsync("/v1/jobs", KeyText.New().Text));
        (await _locked.ProblemAsync("/v1/jobs", null)).Detail.ShouldContain("needed: a key of the role read");
    }

    [Fact]
    public async Task Keys_are_refused_everywhere_half_a_minute_after_they_were_revoked()
    {
        // Two instances on one store.
        var time = new ShiftedTime();
        var (one, other) = (new KeyStore(_locked.Api.Store, time), new KeyStore(_locked.Api.Store, time));
        var (key, _) = await one.CreateAsync(new KeyRequest { Name = "a", Role = Role.Read });
        (await other.FindAsync(key.Id)).ShouldNotBeNull();

        (await one.DeleteAsync(key.Id, CancellationToken.None)).ShouldBeTrue();

        (await one.FindAsync(key.Id)).ShouldBeNull();
        time.Shift += KeyStore.Freshness;
        (await other.FindAsync(key.Id)).ShouldBeNull();
        KeyStore.Freshness.ShouldBeLessThanOrEqualTo(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_key_that_was_looked_for_before_it_was_made_is_found_half_a_minute_later()
    {
        var time = new ShiftedTime();
        var store = new KeyStore(_locked.Api.Store, time);
        (await store.FindAsync("abc")).ShouldBeNull();
        store.IsKnown("abc").ShouldBeTrue();
        await _locked.Api.Store.PutJsonAsync(ObjectKeys.Key("abc"), new ApiKey { Id = "abc", Name = "a", Role = Role.Read, Sha256 = "", CreatedAt = time.GetUtcNow() });

        time.Shift += KeyStore.Freshness;

        store.IsKnown("abc").ShouldBeFalse();
        (await store.FindAsync("abc")).ShouldNotBeNull();
    }

    [Theory]
    [InlineData("""{"role": "read"}""", "name is missing")]
    [InlineData("""{"name": "  ", "role": "read"}""", "name is")]
    [InlineData("""{"name": "a"}""", "role is missing")]
    [InlineData("""{"name": "a", "role": "Admin"}""", "role is \"Admin\"; allowed: \"read\", \"submit\" or \"admin\"")]
    [InlineData("""{"name": "a", "role": "read", "expires_at": "2999-01-01"}""", "expires_at is")]
    [InlineData("""{"name": "a", "role": "read", "expires_at": "2001-01-01T00:00:00Z"}""", "a time to come")]
    [InlineData("""{"name": "a", "role": "read", "max_open_jobs": -1}""", "max_open_jobs is -1")]
    [InlineData("""{"name": "a", "role": "read", "id": "abc"}""", "id is not a field")]
    public async Task A_wrong_request_for_a_key_is_refused_with_the_reason(string body, string phrase)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var answer = await _locked.SendAsync(HttpMethod.Post, "/v1/keys", _locked.Admin, content);

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString()!.ShouldContain(phrase);
    }

    [Theory]
    [InlineData("nothere")]
    [InlineData("..%2Fjobs")]
    [InlineData("UPPER")]
    public async Task A_key_that_does_not_exist_cannot_be_revoked(string id)
    {
        using var answer = await _locked.SendAsync(HttpMethod.Delete, $"/v1/keys/{id}", _locked.Admin);

        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }
}
