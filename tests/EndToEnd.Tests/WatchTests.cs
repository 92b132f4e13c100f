using System.Text.Json;

namespace VmDataset.EndToEnd.Tests;

/// <summary>A real job, watched over a real connection.</summary>
public class WatchTests
{
    [Fact]
    public async Task A_job_is_watched_to_its_end_and_its_batches_tell_how_it_went()
    {
        await using var server = await new Server(Server.Misbehaving).StartAsync();
        var job = await server.SubmitAsync(new { generators = new[] { "ok-generator", "raises-generator" }, samples = 20, batch_size = 4, seed = 1000 });
        await using var events = await EventListener.OpenAsync(server.Client, job);

        var all = await events.RestAsync();

        all[0].Type.ShouldBe("progress");
        all[^1].Type.ShouldBe("end");
        all[^1].Data.GetProperty("state").GetString().ShouldBe("failed");
        Done(all.Where(static each => each.Type == "progress")).ShouldBeInOrder();
        Done(all)[^1].ShouldBe(36);
        Last(all).ShouldBe([3, 8, 13, 18]);

        var batches = (await server.GetAsync($"/v1/jobs/{job}/batches")).GetProperty("items").EnumerateArray().ToList();
        batches.Count(static batch => batch.GetProperty("state").GetString() == "done").ShouldBe(6);
        batches[0].GetProperty("seconds").GetDouble().ShouldBeGreaterThan(0);
        batches[0].GetProperty("attempts").GetInt32().ShouldBe(1);
        batches[0].GetProperty("workers")[0].GetString()!.ShouldStartWith($"{Environment.MachineName}:");
        var failed = (await server.GetAsync($"/v1/jobs/{job}/batches?state=failed")).GetProperty("items").EnumerateArray().ToList();
        failed.Select(static batch => batch.GetProperty("start_index").GetInt32()).ShouldBe([0, 8, 12, 16]);
        var error = failed[0].GetProperty("last_error");
        (error.GetProperty("start_index").GetInt32(), error.GetProperty("attempt").GetInt32()).ShouldBe((3, 3));
        error.GetProperty("worker").GetString().ShouldBe(batches[0].GetProperty("workers")[0].GetString());
    }

    [Fact]
    public async Task A_server_that_is_watched_stops_at_once()
    {
        await using var server = await new Server(Server.Misbehaving, settings: new() { ["EMBEDDED_WORKER"] = "false", ["SHUTDOWN_SECONDS"] = "3600" }).StartAsync();
        var job = await server.SubmitAsync(new { generators = new[] { "ok-generator" }, samples = 1 });
        await using var events = await EventListener.OpenAsync(server.Client, job);
        await events.NextAsync();

        // Kestrel would wait for a stream that goes on as long as SHUTDOWN_SECONDS allows, which is longer than StopAsync waits.
        (await server.StopAsync()).ShouldBe(0, server.Log);

        (await events.RestAsync()).ShouldAllBe(static each => each.Type == "progress");
    }

    private static List<int> Done(IEnumerable<(string Type, JsonElement Data)> events) =>
        [.. events.Where(static each => each.Type != "failure" && each.Data.TryGetProperty("samples", out _)).Select(static each => each.Data.At("samples.done").GetInt32())];

    /// <summary>The indices whose third failure was told.</summary>
    private static IEnumerable<int> Last(IEnumerable<(string Type, JsonElement Data)> events) => events
        .Where(static each => each.Type == "failure" && each.Data.GetProperty("attempt").GetInt32() == 3)
        .Select(static each => each.Data.GetProperty("start_index").GetInt32()).Distinct().Order();
}
