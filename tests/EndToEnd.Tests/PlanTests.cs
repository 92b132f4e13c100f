using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace VmDataset.EndToEnd.Tests;

public class PlanTests
{
    [Fact]
    public async Task A_plan_that_is_to_calibrate_draws_samples_and_reckons_with_what_they_took()
    {
        await using var server = await new Server(Server.Misbehaving).StartAsync();

        var assumed = await PlanAsync(server, calibrate: false);
        Basis(assumed).ShouldNotBe("measured");

        var calibrated = await PlanAsync(server, calibrate: true);
        Basis(calibrated).ShouldBe("measured");
        // Later plans know it too.
        Basis(await PlanAsync(server, calibrate: false)).ShouldBe("measured");
        (await server.Client.GetFromJsonAsync<JsonElement>("/v1/jobs")).GetProperty("items").GetArrayLength().ShouldBe(0);
    }

    private static string? Basis(JsonElement plan) => plan.At("generators[0].basis").GetString();

    private static async Task<JsonElement> PlanAsync(Server server, bool calibrate)
    {
        using var answer = await server.Client.PostAsJsonAsync("/v1/jobs/plan", new { generators = new[] { "ok-generator" }, samples = 1_000, calibrate });
        var text = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        return JsonDocument.Parse(text).RootElement;
    }
}
