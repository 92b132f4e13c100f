using System.Diagnostics;

namespace VmDataset.EndToEnd.Tests;

public class WebhookTests
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    [Fact]
    public async Task The_receiver_in_the_guide_takes_what_the_server_sends()
    {
        var start = new ProcessStartInfo("python3", [Path.Combine(Server.Metadata("Repository"), "scripts", "verify_webhook.py"), "0"]) { RedirectStandardOutput = true };
        start.Environment["WEBHOOK_SECRET"] = Secret;
        using var receiver = Process.Start(start)!;
        try
        {
            var url = (await LineAsync(receiver)).Split(' ')[^1];
            await using var server = await new Server(Server.Misbehaving, settings: new()
            {
                ["WEBHOOK_SECRET"] = $"whsec_{new string('A', 32)} {Secret}",
                ["WEBHOOK_ALLOW_PRIVATE"] = "true",
            }).StartAsync();

            var job = await server.SubmitAsync(new { generators = new[] { "ok-generator" }, samples = 3, seed = 5, webhook_url = url });

            (await LineAsync(receiver)).ShouldBe($"right: {job}_job_ended job.ended succeeded", server.Log);
            var view = await Eventually.GetAsync(() => server.GetAsync($"/v1/jobs/{job}/webhook"), static view => view.GetProperty("state").GetString() == "delivered");
            view.At("events[0].attempts").GetArrayLength().ShouldBe(1);
            (await server.StopAsync()).ShouldBe(0, server.Log);
        }
        finally
        {
            receiver.Kill();
            await receiver.WaitForExitAsync();
        }
    }

    private static async Task<string> LineAsync(Process process) =>
        await process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60)) ?? throw new InvalidOperationException("The receiver has ended.");
}
