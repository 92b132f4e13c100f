using System.Text.Json;

namespace VmDataset.EndToEnd.Tests;

public class FairnessTests(ITestOutputHelper output)
{
    private const int Small = 240;

    [Fact]
    public async Task A_small_job_behind_a_huge_one_waits_for_at_most_twice_its_own_samples()
    {
        await using var server = await new Server(Server.Misbehaving).StartAsync();
        // The first job of a generator pays for its proof and its lanes.
        await server.EndOfAsync(await server.SubmitAsync(Job(samples: 10, seed: 1)));
        var huge = await server.SubmitAsync(Job(samples: 1_000_000, seed: 2, batch: 10_000));
        await Eventually.BeTrueAsync(async () => (await server.GetAsync("/v1/queue")).GetProperty("in_flight").GetInt32() == 3);

        var small = await server.EndOfAsync(await server.SubmitAsync(Job(Small, seed: 3)));

        small.GetProperty("state").GetString().ShouldBe("succeeded");
        (await server.GetAsync("/v1/queue")).GetProperty("queued").GetInt32().ShouldBeGreaterThan(90);
        var meanwhile = SamplesBetween(server, huge, At(small, "created_at"), At(small, "finished_at"));
        output.WriteLine($"{meanwhile} samples of the huge job between");
        // Alone it has all the time there is; so it takes at most three times as long.
        meanwhile.ShouldBeInRange(1, 2 * Small);
    }

    private static object Job(int samples, int seed, int batch = 80) => new { generators = new[] { "ok-generator" }, samples, batch_size = batch, seed };

    private static int SamplesBetween(Server server, string job, DateTimeOffset start, DateTimeOffset end) =>
        Directory.EnumerateFiles(server.DataOf(job), "prompt.txt", SearchOption.AllDirectories)
            .Count(path => File.GetLastWriteTimeUtc(path) is var at && at >= start.UtcDateTime && at <= end.UtcDateTime);

    private static DateTimeOffset At(JsonElement view, string field) => view.GetProperty(field).GetDateTimeOffset();
}
