using System.Text;
using Microsoft.Extensions.Configuration;
using VmDataset.ControlPlane.Webhooks;
using VmDataset.Pipeline.Settings;

namespace VmDataset.ControlPlane.Tests.Webhooks;

public class SigningTests
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    /// <summary>The vector that the reference libraries of the specification share.</summary>
    [Fact]
    public void A_signature_equals_that_of_the_reference_libraries() =>
        Sign(Secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, """{"test": 2432232314}""").ShouldBe("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");

    [Fact]
    public void Each_secret_signs()
    {
        var other = "whsec_" + Convert.ToBase64String(Enumerable.Range(1, 64).Select(static i => (byte)i).ToArray());
        var both = Sign($"{other}  {Secret}", "a", 1, "{}").Split(' ');

        both.ShouldBe([Sign(other, "a", 1, "{}"), Sign(Secret, "a", 1, "{}")]);
        both[0].ShouldNotBe(both[1]);
    }

    [Theory]
    [InlineData("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "secret 1 of 1")]
    [InlineData("whsec_", "secret 1 of 1")]
    [InlineData("whsec_not*base64", "secret 1 of 1")]
    [InlineData(Secret + " whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa0=", "secret 2 of 2")] // 23 bytes
    [InlineData(Secret + "," + Secret, "secret 1 of 1")]
    public void A_wrong_secret_is_refused_and_not_shown(string secrets, string which)
    {
        var mistake = Should.Throw<StartUpException>(() => Read(secrets, "true")).Message;

        mistake.ShouldContain($"- WEBHOOK_SECRET is wrong in {which}; allowed: whsec_ and then 24 to 64 bytes in Base64, or several such secrets parted by spaces.");
        mistake.ShouldNotContain("9r8GKYq");
    }

    [Fact]
    public void Too_long_a_secret_is_refused() =>
        Should.Throw<StartUpException>(() => Read("whsec_" + Convert.ToBase64String(new byte[65]), "true")).Message.ShouldContain("secret 1 of 1");

    [Fact]
    public void Private_addresses_are_asked_for_in_words() =>
        Should.Throw<StartUpException>(() => Read(Secret, "yes")).Message.ShouldContain("- WEBHOOK_ALLOW_PRIVATE is 'yes'; allowed: true or false.");

    private static string Sign(string secrets, string id, long timestamp, string body) =>
        new WebhookSigner(Read(secrets, "false")).Sign(id, timestamp, Encoding.UTF8.GetBytes(body));

    private static WebhookOptions Read(string secrets, string allowPrivate)
    {
        var settings = new SettingsBinder(new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["WEBHOOK_SECRET"] = secrets, ["WEBHOOK_ALLOW_PRIVATE"] = allowPrivate }).Build());
        var options = settings.Bind(new WebhookOptions());
        settings.ThrowIfWrong();
        return options;
    }
}
