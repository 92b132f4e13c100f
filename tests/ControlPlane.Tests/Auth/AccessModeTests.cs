using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using VmDataset.ControlPlane.Auth;
using VmDataset.ControlPlane.Settings;
using VmDataset.Pipeline.Local;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Settings;

namespace VmDataset.ControlPlane.Tests.Auth;

public sealed class DoorTests : IDisposable
{
    private static readonly string[] Elsewhere =
    [
        "urls=http://+:8080", "urls=http://*:8080", "urls=http://0.0.0.0:8080", "urls=http://[::]:8080", "urls=http://10.1.2.3:80", "urls=https://api.example.org",
        "urls=http://127.0.0.1:8080;http://0.0.0.0:8081", "urls=http://localhost.example.org:8080", "urls=nonsense", "http_ports=8080", "https_ports=8443",
        "Kestrel:Endpoints:A:Url=http://0.0.0.0:8080", "urls=http://127.0.0.1:1|Kestrel:Endpoints:A:Url=http://*:8080", "Kestrel:Endpoints:A:Port=8080",
    ];

    private static readonly string[] Here =
    [
        "urls=http://127.0.0.1:8080", "urls=http://localhost:8080", "urls=http://LOCALHOST:8080", "urls=http://[::1]:8080", "urls=http://127.0.0.2:0",
        "urls=http://127.0.0.1:8080;https://[::1]:8443", "urls=http://unix:/tmp/api.sock", "urls=http://127.0.0.1:1|http_ports=8080",
        "Kestrel:Endpoints:A:Url=http://localhost:8080",
    ];

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> ElsewhereData => [.. Elsewhere];

    public static TheoryData<string> HereData => [.. Here];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(HereData))]
    public async Task An_API_without_credentials_is_open_to_its_own_machine(string settings) => (await DecideAsync(settings)).ShouldBe((true, true));

    [Theory]
    [MemberData(nameof(ElsewhereData))]
    public async Task An_API_does_not_stand_open_to_others_by_mistake(string settings)
    {
        var refused = await Should.ThrowAsync<StartUpException>(() => DecideAsync(settings));

        refused.Message.ShouldContain("create-key");
        refused.Message.ShouldContain("ALLOW_ANONYMOUS=everyone-who-can-reach-it");
    }

    [Theory]
    [MemberData(nameof(ElsewhereData))]
    public async Task An_API_stands_open_to_others_when_told_so_in_words(string settings) =>
        (await DecideAsync(settings, new AccessOptions { AllowAnonymous = true })).ShouldBe((true, false));

    [Fact]
    public async Task An_API_is_shut_wherever_there_are_credentials()
    {
        AccessOptions[] credentials = [new() { AdminKeySha256 = new string('0', 64) }, new() { JwtAuthority = new Uri("https://issuer.example.org"), JwtAudience = "a" }];
        foreach (var access in credentials)
        {
            (await DecideAsync(Here[0], access)).ShouldBe((false, false));
            (await DecideAsync(Elsewhere[0], access)).ShouldBe((false, false));
            (await DecideAsync(Here[0], access, onLambda: true)).ShouldBe((false, false));
        }

        using var key = new MemoryStream();
        await Store().PutAsync(ObjectKeys.Key("abc"), key);
        (await DecideAsync(Here[0])).ShouldBe((false, false));
        (await DecideAsync(Elsewhere[0])).ShouldBe((false, false));
    }

    [Fact]
    public async Task A_function_is_reached_from_elsewhere_whatever_it_listens_on() =>
        (await Should.ThrowAsync<StartUpException>(() => DecideAsync(Here[0], onLambda: true))).Message.ShouldContain("a Lambda function");

    private FileSystemObjectStore Store() => new(_folder.Combine("store"));

    private async Task<(bool IsOpen, bool ToThisMachine)> DecideAsync(string settings, AccessOptions? access = null, bool onLambda = false)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings.Split('|')
            .Select(setting => setting.Split('=', 2)).Select(pair => KeyValuePair.Create<string, string?>(pair[0], pair[1]))).Build();
        var door = new AccessMode(access ?? new AccessOptions(), new BackendOptions { OnLambda = onLambda }, Store(), configuration, NullLogger<AccessMode>.Instance);
        await door.DecideAsync();
        return (door.IsOpen, door.IsOpenToThisMachine);
    }
}
