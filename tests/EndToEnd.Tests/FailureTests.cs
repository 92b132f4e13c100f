using System.Text.Json;

namespace VmDataset.EndToEnd.Tests;

/// <summary>What a user sees of generators that misbehave for one seed in five.</summary>
public class FailureTests
{
    private static readonly Dictionary<string, string> Kinds = new()
    {
        ["raises-generator"] = "raised",
        ["exits-generator"] = "exited",
        ["killed-generator"] = "killed",
        ["endless-generator"] = "timed_out",
        ["no-output-generator"] = "no_output",
        ["bad-png-generator"] = "invalid_output",
        ["empty-prompt-generator"] = "invalid_output",
    };

    [Fact]
    public async Task Siblings_are_published_errors_readable_and_counts_exact()
    {
        // Long enough for a slow machine to start Python in: the other kinds must not time out.
        await using var server = await new Server(Server.Misbehaving, settings: new() { ["SAMPLE_TIMEOUT_SECONDS"] = "5" }).StartAsync();
        string[] generators = [.. Kinds.Keys, "ok-generator"];
        var job = await server.SubmitAsync(new { generators, samples = 10, batch_size = 4, seed = 1000 });
        var view = await server.EndOfAsync(job);

        view.GetProperty("state").GetString().ShouldBe("failed");
        Counts(view.GetProperty("samples")).ShouldBe((80, 66, 14));
        // Batches of the indices 0 to 3, 4 to 7 and 8 to 9: those with 3 and 8 are dead.
        var batches = view.GetProperty("batches");
        (batches.GetProperty("total").GetInt32(), batches.GetProperty("done").GetInt32(), batches.GetProperty("failed").GetInt32()).ShouldBe((24, 10, 14));
        foreach (var generator in view.GetProperty("generators").EnumerateArray())
            Counts(generator.GetProperty("samples")).ShouldBe(generator.GetProperty("name").GetString() == "ok-generator" ? (10, 10, 0) : (10, 8, 2));

        var failures = (await server.GetAsync($"/v1/jobs/{job}/failures?limit=100")).GetProperty("items").EnumerateArray().ToList();
        failures.Select(static failure => (failure.GetProperty("generator").GetString()!, failure.GetProperty("start_index").GetInt32()))
            .ShouldBe(from generator in Kinds.Keys.Order(StringComparer.Ordinal) from index in new[] { 3, 8 } select (generator, index));
        foreach (var failure in failures)
        {
            failure.GetProperty("kind").GetString().ShouldBe(Kinds[failure.GetProperty("generator").GetString()!]);
            failure.GetProperty("permanent").GetBoolean().ShouldBeTrue();
            failure.GetProperty("attempt").GetInt32().ShouldBe(3);
            failure.GetProperty("message").GetString().ShouldNotBeNullOrWhiteSpace();
        }

        server.Data(job).Keys.Count(static path => path.EndsWith("prompt.txt", StringComparison.Ordinal)).ShouldBe(66);
        (await server.GetAsync("/v1/queue")).GetProperty("dead").GetInt32().ShouldBe(14);
    }

    private static (int Total, int Done, int Failed) Counts(JsonElement counts) =>
        (counts.GetProperty("total").GetInt32(), counts.GetProperty("done").GetInt32(), counts.GetProperty("failed").GetInt32());
}
