namespace VmDataset.EndToEnd.Tests;

/// <summary>A sample is a function of generator, base seed and index, whatever happens on the way.</summary>
public class ByteIdentityTests
{
    private const int Samples = 15;

    /// <summary>
    /// The built-in generators, and with REAL_GENERATORS_DIR set to a folder of cloned repositories all those too.
    /// </summary>
    public static TheoryData<string> GeneratorFolders() =>
        Environment.GetEnvironmentVariable("REAL_GENERATORS_DIR") is { Length: > 0 } real ? [Server.BuiltIn, real] : [Server.BuiltIn];

    [Theory]
    [MemberData(nameof(GeneratorFolders))]
    public async Task Bytes_do_not_depend_on_batch_size_lanes_or_a_kill(string generators)
    {
        var expected = await RunAsync(generators, batchSize: 100, lanes: 2, kills: 0);
        (await RunAsync(generators, batchSize: 4, lanes: 1, kills: 0)).ShouldBe(expected);
        (await RunAsync(generators, batchSize: 6, lanes: 2, kills: 3)).ShouldBe(expected);
    }

    [Fact]
    public async Task Bytes_of_conformed_samples_do_not_depend_on_them_either()
    {
        Assert.SkipUnless(await Server.HasPyAvAsync(), "PyAV is not installed");
        var video = new { width = 96, height = 96, frames = 9, fps = 16 };
        var expected = await RunAsync(Server.BuiltIn, batchSize: 100, lanes: 2, kills: 0, video);
        (await RunAsync(Server.BuiltIn, batchSize: 4, lanes: 2, kills: 2, video)).ShouldBe(expected);
    }

    private static async Task<SortedDictionary<string, string>> RunAsync(string generators, int batchSize, int lanes, int kills, object? video = null)
    {
        await using var server = await new Server(generators, lanes).StartAsync();
        var job = await server.SubmitAsync(new { generators = "all", samples = Samples, batch_size = batchSize, seed = 42, video });
        for (var kill = 1; kill <= kills; kill++)
        {
            var data = Path.Combine(server.DataDir, "store", "jobs", job, "data");
            var enough = kill * 40;
            await Eventually.BeTrueAsync(() => Task.FromResult(Directory.Exists(data)
                && Directory.EnumerateFiles(data, "*", SearchOption.AllDirectories).Count() >= enough), TimeSpan.FromMinutes(3));
            await server.KillAsync();
            await server.StartAsync();
        }

        var view = await server.EndOfAsync(job, TimeSpan.FromMinutes(10));
        view.GetProperty("state").GetString().ShouldBe("succeeded", $"{view}\n{server.Log}");
        var count = view.At("spec.generators").GetArrayLength();
        view.At("samples.done").GetInt32().ShouldBe(count * Samples);

        var files = await server.DatasetAsync(job);
        (await server.GetAsync("/v1/queue")).GetProperty("queued").GetInt32().ShouldBe(0);
        files.Keys.Count(static path => path.EndsWith("first_frame.png", StringComparison.Ordinal)).ShouldBe(count * Samples);
        return files;
    }
}
