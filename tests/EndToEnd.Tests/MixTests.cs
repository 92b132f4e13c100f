namespace VmDataset.EndToEnd.Tests;

/// <summary>A dataset with all that a job can ask for is a function of the request alone.</summary>
public class MixTests
{
    // Of REAL_GENERATORS_DIR: some take a minute for a sample.
    private const int Most = 12;

    /// <summary>Generators of the tests, and with REAL_GENERATORS_DIR set the first twelve usable ones in that folder.</summary>
    public static TheoryData<string> GeneratorFolders() =>
        Environment.GetEnvironmentVariable("REAL_GENERATORS_DIR") is { Length: > 0 } real ? [Server.Misbehaving, real] : [Server.Misbehaving];

    [Theory]
    [MemberData(nameof(GeneratorFolders))]
    public async Task A_mixed_split_conformed_unique_job_gives_the_same_bytes_at_three_batch_sizes_through_kills(string folder)
    {
        var expected = await RunAsync(folder, "files", batchSize: 100, kills: 0);
        expected.Keys.ShouldContain("metadata-train.jsonl");
        expected.Keys.ShouldContain(static name => name.StartsWith("few/", StringComparison.Ordinal));
        (await RunAsync(folder, "files", batchSize: 3, kills: 1)).ShouldBe(expected);
        (await RunAsync(folder, "files", batchSize: 5, kills: 1)).ShouldBe(expected);
    }

    [Theory]
    [MemberData(nameof(GeneratorFolders))]
    public async Task Its_tars_are_the_same_through_a_kill_and_a_stop(string folder)
    {
        var expected = await RunAsync(folder, "webdataset", batchSize: 4, kills: 0);
        // A worker that is asked to stop stores what it has of a batch.
        (await RunAsync(folder, "webdataset", batchSize: 4, kills: 1, stops: 1)).ShouldBe(expected);
    }

    private static async Task<object[]> MixAsync(Server server, string folder)
    {
        if (folder == Server.Misbehaving) return
        [
            new { name = "repeating-video-generator", @as = "few", samples = 6 },
            new { name = "repeating-video-generator", @as = "many", samples = 14 },
            "video-generator",
        ];
        var names = (await server.GetAsync("/v1/generators")).GetProperty("items").EnumerateArray()
            .Where(static each => each.GetProperty("usable").GetBoolean()).Select(static each => each.GetProperty("name").GetString()!).Take(Most).ToList();
        names.Count.ShouldBe(Most);
        return [new { name = names[0], @as = "few", samples = 3 }, .. names[1..]];
    }

    private static async Task<SortedDictionary<string, string>> RunAsync(string folder, string format, int batchSize, int kills, int stops = 0)
    {
        await using var server = await new Server(folder).StartAsync();
        var job = await server.SubmitAsync(new
        {
            generators = await MixAsync(server, folder),
            samples = folder == Server.Misbehaving ? 10 : 5,
            seed = 100,
            unique = true,
            batch_size = batchSize,
            output_format = format,
            video = await Server.HasPyAvAsync() ? new { width = 64, height = 64, frames = 5, fps = 8 } : null,
            splits = new { train = 0.7, test = 0.3 },
        });
        for (var kill = 1; kill <= kills + stops; kill++)
        {
            var manifests = Path.Combine(server.DataDir, "store", "jobs", job, "done");
            var enough = kill;
            await Eventually.BeTrueAsync(() => Task.FromResult(Directory.Exists(manifests)
                && Directory.EnumerateFiles(manifests, "*.json", SearchOption.AllDirectories).Count() >= enough), TimeSpan.FromMinutes(3));
            if (kill <= kills) await server.KillAsync();
            else await server.StopAsync();
            await server.StartAsync();
        }

        var files = await server.DatasetAsync(job, folder == Server.Misbehaving ? null : TimeSpan.FromMinutes(15));
        (await server.GetAsync($"/v1/jobs/{job}")).GetProperty("state").GetString().ShouldBe("succeeded");
        return files;
    }
}
