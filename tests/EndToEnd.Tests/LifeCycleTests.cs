using System.Net;
using System.Net.Http.Headers;

namespace VmDataset.EndToEnd.Tests;

public class LifeCycleTests
{
    [Fact]
    public async Task A_stop_is_clean_and_the_next_start_goes_on()
    {
        await using var server = await new Server(Server.Misbehaving, settings: new() { ["SHUTDOWN_SECONDS"] = "50" }).StartAsync();
        var job = await server.SubmitAsync(new { generators = new[] { "ok-generator" }, samples = 600, batch_size = 300, seed = 1 });
        await Eventually.BeTrueAsync(() => Task.FromResult(Directory.Exists(server.DataOf(job)) && server.Data(job).Count > 20));
        (await server.StopAsync()).ShouldBe(0, server.Log);
        HostProcesses(server).ShouldBe(0);
        server.Log.ShouldNotContain("left to their leases");
        // In the middle of a batch, what was drawn of it was kept.
        server.Data(job).Count.ShouldBeInRange(20, (600 * 5) - 1);

        await server.StartAsync();
        var view = await server.EndOfAsync(job);
        view.GetProperty("state").GetString().ShouldBe("succeeded");
        server.Data(job).Count.ShouldBe(600 * 5);
    }

    [Fact]
    public async Task Samples_below_the_current_folder_are_not_watched()
    {
        await using var server = await new Server(Server.Misbehaving).StartAsync();
        await server.EndOfAsync(await server.SubmitAsync(new { generators = new[] { "ok-generator" }, samples = 6, seed = 1 }));
        Directory.GetFiles($"/proc/{server.ProcessId}/fdinfo").Select(TextOf).ShouldAllBe(static text => !text.Contains("inotify wd"));

        static string TextOf(string descriptor)
        {
            try
            {
                return File.ReadAllText(descriptor);
            }
            catch (FileNotFoundException)
            {
                return ""; // closed meanwhile
            }
        }
    }

    [Theory]
    [InlineData("KILL", 137)]
    [InlineData("INT", 0)]
    public async Task A_server_that_is_ended_leaves_no_process_behind(string signal, int code)
    {
        await using var server = await new Server(Server.Misbehaving).StartAsync();
        await server.SubmitAsync(new { generators = new[] { "endless-generator" }, samples = 20, batch_size = 10, seed = 3 });
        await Eventually.BeTrueAsync(() => Task.FromResult(HostProcesses(server) > 1));
        (await server.StopAsync(signal)).ShouldBe(code, server.Log);
        await Eventually.BeTrueAsync(() => Task.FromResult(HostProcesses(server) == 0));
    }

    [Fact]
    public async Task A_second_process_on_the_same_data_is_refused()
    {
        await using var server = await new Server(Server.Misbehaving).StartAsync();
        var second = new Server(Server.Misbehaving, settings: []);
        var refusal = await Should.ThrowAsync<InvalidOperationException>(() => second.StartOnAsync(server.DataDir));
        refusal.Message.ShouldContain("is in use by another process");
        await second.DisposeAsync();
    }

    [Fact]
    public async Task A_dataset_is_extended_by_its_start_index_and_browsed_with_its_files()
    {
        await using var server = await new Server(Server.Misbehaving).StartAsync();
        var whole = await server.SubmitAsync(new { generators = new[] { "ok-generator" }, samples = 12, seed = 9 });
        var tail = await server.SubmitAsync(new { generators = new[] { "ok-generator" }, samples = 4, start_index = 8, seed = 9 });
        await server.EndOfAsync(whole);
        await server.EndOfAsync(tail);
        var expected = server.Data(whole).Where(static file => string.CompareOrdinal(file.Key, "ok-generator/ok_task/ok_00000008") > 0);
        server.Data(tail).ShouldBe(expected);

        var page = await server.GetAsync($"/v1/jobs/{tail}/samples?limit=2");
        var sample = page.GetProperty("items")[0];
        sample.GetProperty("index").GetInt32().ShouldBe(8);
        sample.GetProperty("seed").GetInt32().ShouldBe(17);
        page.GetProperty("next_cursor").GetString().ShouldNotBeNullOrEmpty();
        var video = sample.GetProperty("files").EnumerateArray().Single(static file => file.GetProperty("name").GetString() == "ground_truth.mp4");
        using var request = new HttpRequestMessage(HttpMethod.Get, video.GetProperty("url").GetString());
        request.Headers.Range = new RangeHeaderValue(4, 7);
        using var part = await server.Client.SendAsync(request);
        part.StatusCode.ShouldBe(HttpStatusCode.PartialContent);
        part.Content.Headers.ContentType!.MediaType.ShouldBe("video/mp4");
        (await part.Content.ReadAsStringAsync()).ShouldBe("ftyp");
    }

    // The Python side works in the data folder.
    private static int HostProcesses(Server server) => Directory.EnumerateDirectories("/proc")
        .Count(process =>
        {
            try
            {
                return File.ReadAllText(Path.Combine(process, "comm")).StartsWith("python", StringComparison.Ordinal)
                    && File.ResolveLinkTarget(Path.Combine(process, "cwd"), false)?.FullName.StartsWith(server.DataDir, StringComparison.Ordinal) == true;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                return false;
            }
        });
}
