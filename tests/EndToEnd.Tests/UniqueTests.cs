using System.Text.Json;

namespace VmDataset.EndToEnd.Tests;

/// <summary>A dataset without duplicates is a function of the request alone.</summary>
public class UniqueTests
{
    [Fact]
    public async Task The_same_job_gives_the_same_bytes_at_three_batch_sizes()
    {
        await using var server = await new Server(Server.Misbehaving).StartAsync();
        List<string> jobs = [];
        foreach (var size in new[] { 3, 8, 100 })
            jobs.Add(await server.SubmitAsync(new { generators = new[] { "repeats-generator", "ok-generator" }, samples = 25, batch_size = size, seed = 100, unique = true }));
        var expected = await server.DatasetAsync(jobs[0]);
        foreach (var job in jobs[1..]) (await server.DatasetAsync(job)).ShouldBe(expected);

        var prints = File.ReadLines(Path.Combine(server.DataOf(jobs[0]), "metadata.jsonl")).Select(static line => JsonElement.Parse(line))
            .Select(static row => row.GetProperty("generator").GetString() + row.GetProperty("fingerprint").GetString()).ToList();
        (prints.Count, prints.Distinct().Count()).ShouldBe((50, 50));
        // Seeds 100 to 124 of the first repeat each other.
        (await server.GetAsync($"/v1/jobs/{jobs[0]}")).At("samples.total").GetInt32().ShouldBeGreaterThan(50);
    }
}
