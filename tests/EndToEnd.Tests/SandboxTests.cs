namespace VmDataset.EndToEnd.Tests;

/// <summary>A generator that reaches for the server, its data and its processes, one thing a sample.</summary>
public class SandboxTests
{
    private const string Generator = "intruder-generator";

    // As many as the generator knows; every other sample is one.
    private const int Intrusions = 13;
    private const int Samples = 2 * Intrusions;

    [Fact]
    public async Task Intrusions_are_refused_and_say_so_and_their_siblings_are_published()
    {
        var server = new Server(Server.Misbehaving, settings: new() { ["SANDBOX"] = "required" });
        await using var _ = server;
        var credentials = Write(server, "home/.aws/credentials");
        var sample = Write(server, "store/jobs/other/prompt.txt");
        await server.StartAsync();

        var job = await server.SubmitAsync(new
        {
            generators = new[] { new { name = Generator, parameters = new { port = server.Client.BaseAddress!.Port } } },
            samples = Samples,
            batch_size = Samples,
            seed = Samples,
        });
        var view = await server.EndOfAsync(job);

        var counts = view.GetProperty("samples");
        (counts.GetProperty("done").GetInt32(), counts.GetProperty("failed").GetInt32()).ShouldBe((Intrusions, Intrusions));
        var failures = (await server.GetAsync($"/v1/jobs/{job}/failures?limit=100")).GetProperty("items").EnumerateArray().ToList();
        failures.Select(static failure => failure.GetProperty("log_tail").GetString()!.Split('\n')[0]).Distinct().Count().ShouldBe(Intrusions);
        foreach (var failure in failures)
        {
            failure.GetProperty("kind").GetString().ShouldBe("raised", failure.GetRawText());
            var message = failure.GetProperty("message").GetString()!;
            message.ShouldStartWith("PermissionError: ");
            message.ShouldContain("The sandbox lets a generator read");
        }

        File.ReadAllText(credentials).ShouldBe("secret");
        File.ReadAllText(sample).ShouldBe("secret");
        Directory.EnumerateFiles(server.DataDir, "beside.txt", SearchOption.AllDirectories).ShouldBeEmpty();
        var worker = (await server.GetAsync("/v1/fleet")).GetProperty("worker");
        worker.GetProperty("sandbox").GetString()!.ShouldStartWith("landlock-");
        worker.GetProperty("unconfined").GetArrayLength().ShouldBe(0);
        (await server.GetAsync("/health/ready")).At("checks.runtime.detail").GetString()!.ShouldContain("in a sandbox (landlock-");
    }

    private static string Write(Server server, string name)
    {
        var path = Path.Combine(server.DataDir, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "secret");
        return path;
    }
}
