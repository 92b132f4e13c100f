using System.Text.Json;

namespace VmDataset.EndToEnd.Tests;

public class FairnessTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_small_job_behind_a_huge_one_takes_at_most_three_times_as_long_as_alone()
    {
        await using var server = await new Server(Server.Misbehaving).StartAsync();
        // The first job of a generator pays for its proof and its lanes.
        await server.EndOfAsync(await server.SubmitAsync(Job(samples: 10, seed: 1)));

        var alone = await DurationAsync(server, Job(samples: 240, seed: 2));
        await server.SubmitAsync(Job(samples: 1_000_000, seed: 3, batch: 10_000));
        await Eventually.BeTrueAsync(async () => (await server.GetAsync("/v1/queue")).GetProperty("in_flight").GetInt32() == 3);
        var behind = await DurationAsync(server, Job(samples: 240, seed: 4));

        output.WriteLine($"alone {alone.TotalSeconds:0.00} s, behind {behind.TotalSeconds:0.00} s, ratio {behind / alone:0.00}");
        (behind / alone).ShouldBeLessThan(3);
        (await server.GetAsync("/v1/queue")).GetProperty("queued").GetInt32().ShouldBeGreaterThan(90);
    }

    private static object Job(int samples, int seed, int batch = 80) => new { generators = new[] { "ok-generator" }, samples, batch_size = batch, seed };

    private static async Task<TimeSpan> DurationAsync(Server server, object job)
    {
        var view = await server.EndOfAsync(await server.SubmitAsync(job));
        view.GetProperty("state").GetString().ShouldBe("succeeded");
        return At(view, "finished_at") - At(view, "created_at");
    }

    private static DateTimeOffset At(JsonElement view, string field) => view.GetProperty(field).GetDateTimeOffset();
}
