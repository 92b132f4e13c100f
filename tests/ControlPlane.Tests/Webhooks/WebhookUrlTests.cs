using System.Net;
using VmDataset.Pipeline.Records;

namespace VmDataset.ControlPlane.Tests.Webhooks;

public sealed class WebhookUrlTests
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private const string Rule = "allowed: an absolute https URL of at most 2,048 characters, without user name, password, fragment or the port 0";

    [Fact]
    public async Task A_webhook_url_is_refused_where_it_leads_nowhere()
    {
        await using var api = Start(Secret, allowPrivate: false);
        Dictionary<string, string> phrases = new()
        {
            ["5"] = "webhook_url is 5; " + Rule,
            ["\"\""] = Rule,
            ["\"/hooks\""] = Rule,
            ["\"example.org/hooks\""] = Rule,
            ["\"http://example.org/\""] = Rule,
            ["\"ftp://example.org/\""] = Rule,
            ["\"file:///etc/passwd\""] = Rule,
            ["\"https://\""] = Rule,
            ["\"https://user:password@example.org/\""] = Rule,
            ["\"https://example.org/#part\""] = Rule,
            ["\"https://example.org:0/\""] = Rule,
            ["\"https://example.org/a b\""] = Rule,
            ["\" https://example.org/\""] = Rule,
            ["\"https://example.org/\\r\\nhost: inside\""] = Rule,
            [$"\"https://example.org/{new string('a', 2_048)}\""] = Rule,
            ["\"https://127.0.0.1/\""] = "webhook_url leads to 127.0.0.1, which is not a public address; allowed: public addresses.",
            ["\"https://2130706433/\""] = "webhook_url leads to 127.0.0.1, which",
            ["\"https://0x7f.0.0.1:8443/\""] = "webhook_url leads to 127.0.0.1, which",
            ["\"https://0251.0376.0251.0376/\""] = "webhook_url leads to 169.254.169.254, which",
            ["\"https://[::1]/\""] = "webhook_url leads to [::1], which",
            ["\"https://[::ffff:10.0.0.1]/\""] = "which is not a public address",
            ["\"https://localhost/\""] = "webhook_url leads to localhost, which",
            ["\"https://LocalHost./\""] = "which is not a public address",
            ["\"https://a.localhost/\""] = "which is not a public address",
        };
        foreach (var (url, phrase) in phrases)
        {
            var problem = await api.PostJobAsync(Job(url), HttpStatusCode.BadRequest);
            problem.ErrorOf("webhook_url").ShouldContain(phrase, customMessage: url);
        }

        (await api.GetAsync("/v1/jobs")).GetRawText().ShouldBe("""{"items":[]}""");
    }

    [Theory]
    [InlineData("https://example.org", false)]
    [InlineData("https://8.8.8.8:8443/hooks?key=%C3%BC&more=1", false)]
    [InlineData("https://[2600:1f00::1]/", false)]
    [InlineData("http://127.0.0.1:9000/", true)]
    [InlineData("http://receiver/", true)]
    public async Task A_webhook_url_is_kept_as_it_was_given(string url, bool allowPrivate)
    {
        await using var api = Start(Secret, allowPrivate);

        var view = await api.PostJobAsync(Job($"\"{url}\""));

        view.At("spec.webhook_url").GetString().ShouldBe(url);
        File.Exists(Path.Combine(api.DataDir, "store", ObjectKeys.Pending(view.GetProperty("id").GetString()!))).ShouldBeTrue();
    }

    [Fact]
    public async Task A_webhook_url_needs_a_secret()
    {
        await using var api = Start("", allowPrivate: true);

        var problem = await api.PostJobAsync(Job("\"https://example.org/\""), HttpStatusCode.BadRequest);

        problem.ErrorOf("webhook_url")
            .ShouldBe("webhook_url is set, and this server has no secret to sign with; allowed: nothing, until its setting WEBHOOK_SECRET is there.");
        await api.PostJobAsync(Job("null"));
    }

    private static Api Start(string secret, bool allowPrivate) => Hooked.Start(null, ("WebhookSecret", secret), ("WebhookAllowPrivate", $"{allowPrivate}"));

    private static string Job(string url) => "{\"generators\": [\"alpha\"], \"samples\": 1, \"webhook_url\": " + url + "}";
}
