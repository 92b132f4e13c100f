namespace VmDataset.EndToEnd.Tests;

/// <summary>A dataset with all that a job can ask for is a function of the request alone.</summary>
public class MixTests
{
    [Fact]
    public async Task A_mixed_split_conformed_unique_job_gives_the_same_bytes_at_three_batch_sizes_through_kills()
    {
        var expected = await RunAsync("files", batchSize: 100, kills: 0);
        expected.Keys.ShouldContain("metadata-train.jsonl");
        expected.Keys.ShouldContain(static name => name.StartsWith("few/", StringComparison.Ordinal));
        (await RunAsync("files", batchSize: 3, kills: 1)).ShouldBe(expected);
        (await RunAsync("files", batchSize: 5, kills: 1)).ShouldBe(expected);
    }

    [Fact]
    public async Task Its_tars_are_the_same_through_a_kill_and_a_stop()
    {
        var expected = await RunAsync("webdataset", batchSize: 4, kills: 0);
        // A worker that is asked to stop stores what it has of a batch.
        (await RunAsync("webdataset", batchSize: 4, kills: 1, stops: 1)).ShouldBe(expected);
    }

    private static async Task<SortedDictionary<string, string>> RunAsync(string format, int batchSize, int kills, int stops = 0)
    {
        await using var server = await new Server(Server.Misbehaving).StartAsync();
        var job = await server.SubmitAsync(new
        {
            generators = new object[]
            {
                new { name = "repeating-video-generator", @as = "few", samples = 6 }, new { name = "repeating-video-generator", @as = "many", samples = 14 },
                "video-generator",
            },
            samples = 10,
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

        var files = await server.DatasetAsync(job);
        (await server.GetAsync($"/v1/jobs/{job}")).GetProperty("state").GetString().ShouldBe("succeeded");
        return files;
    }
}
