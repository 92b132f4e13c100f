using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace VmDataset.EndToEnd.Tests;

public class PreviewTests
{
    [Fact]
    public async Task A_preview_shows_pictures_or_the_generators_own_error_even_on_a_busy_queue()
    {
        await using var server = await new Server(Server.Misbehaving).StartAsync();
        await server.SubmitAsync(new { generators = new[] { "ok-generator" }, samples = 1_000_000, batch_size = 10_000, seed = 3 });

        // Of the seeds 42 and 43 this generator raises for the second.
        var preview = await PostAsync(server, "raises-generator", new { samples = 2, seed = 42 });

        preview.GetProperty("state").GetString().ShouldBe("failed");
        var sample = preview.GetProperty("samples").EnumerateArray().ShouldHaveSingleItem();
        sample.GetProperty("prompt").GetString()!.ShouldStartWith("Move the square");
        (await server.Client.GetByteArrayAsync(sample.GetProperty("first_frame").GetString()))[..4].ShouldBe([0x89, (byte)'P', (byte)'N', (byte)'G']);
        preview.At("failures[0].kind").GetString().ShouldBe("raised");
    }

    private static async Task<JsonElement> PostAsync(Server server, string generator, object body)
    {
        using var answer = await server.Client.PostAsJsonAsync($"/v1/generators/{generator}/preview", body);
        var text = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        return JsonDocument.Parse(text).RootElement;
    }
}
