using System.Net;
using System.Text.Json;

namespace VmDataset.ControlPlane.Tests.Hosting;

/// <summary>What is said of a sandbox that cannot be had, and what is done where it is demanded.</summary>
public sealed class SandboxSettingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_required_sandbox_keeps_the_server_from_starting_where_the_kernel_cannot()
    {
        using var server = Start("required", landlock: 5);

        var (code, errors) = await server.EndAsync();

        code.ShouldBe(1);
        errors.Trim().ShouldBe("SANDBOX is required, and here generators would run in a sandbox (landlock-5) that does not confine signals to other processes: "
            + "use Linux 6.12 or later with Landlock, or set SANDBOX to auto.");
    }

    [Theory]
    [InlineData("auto", 0, "unsupported", "without a sandbox, as this kernel has no Landlock for them", 1)]
    [InlineData("auto", 5, "landlock-5", "in a sandbox (landlock-5) that does not confine signals to other processes", 1)]
    [InlineData("auto", 6, "landlock-6", "in a sandbox (landlock-6).", 0)]
    [InlineData("required", 6, "landlock-6", "in a sandbox (landlock-6).", 0)]
    [InlineData("off", 6, "off", "without a sandbox, as SANDBOX is off", 0)]
    public async Task The_sandbox_is_told_in_the_log_in_readiness_and_in_the_fleet(string setting, int landlock, string name, string detail, int warnings)
    {
        using var server = Start(setting, landlock);
        using var client = new HttpClient { BaseAddress = await server.AddressAsync() };

        await Eventually.BeTrueAsync(async () => (await GetAsync(client, "/v1/fleet")).GetProperty("worker").TryGetProperty("sandbox", out _));
        (await GetAsync(client, "/v1/fleet")).At("worker.sandbox").GetString().ShouldBe(name);
        var ready = await Eventually.GetAsync(() => ReadinessAsync(client), static answer => answer.Status == HttpStatusCode.OK);
        JsonElement.Parse(ready.Body).At("checks.runtime.detail").GetString()!.ShouldContain(detail);
        await server.KillAsync();
        (await server.OutputAsync()).Split("Generators run").Length.ShouldBe(1 + warnings);
    }

    [Fact]
    public async Task Another_value_is_refused()
    {
        using var server = Start("maybe", landlock: 6);

        (await server.EndAsync()).Errors.ShouldContain("'maybe'; allowed: Auto, Required, Off.");
    }

    private ServerProcess Start(string setting, int landlock)
    {
        Directory.CreateDirectory(_folder.Combine("generators"));
        return new ServerProcess(_folder.Path, new Dictionary<string, string> { ["SANDBOX"] = setting, ["PORT"] = "0", ["PYTHON"] = PythonOn(landlock) });
    }

    /// <summary>Python whose generator host takes the kernel for one with this version of Landlock.</summary>
    private string PythonOn(int landlock)
    {
        var path = _folder.Combine("python3");
        File.WriteAllText(path, $"""
            #!/bin/sh
            [ "$2" = generator_host ] && exec {Environment.GetEnvironmentVariable("PYTHON") ?? "python3"} "$@" --landlock {landlock}
            exec {Environment.GetEnvironmentVariable("PYTHON") ?? "python3"} "$@"
            """);
        using var chmod = System.Diagnostics.Process.Start("chmod", ["+x", path]);
        chmod.WaitForExit();
        return path;
    }

    private static async Task<(HttpStatusCode Status, string Body)> ReadinessAsync(HttpClient client)
    {
        using var answer = await client.GetAsync(new Uri("/health/ready", UriKind.Relative));
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    private static async Task<JsonElement> GetAsync(HttpClient client, string url) =>
        JsonElement.Parse(await client.GetStringAsync(new Uri(url, UriKind.Relative)));
}
