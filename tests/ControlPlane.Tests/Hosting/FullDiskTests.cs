using System.Net;
using System.Text;
using System.Text.Json;

namespace VmDataset.ControlPlane.Tests.Hosting;

/// <summary>What happens on a disk without room, and on a folder that cannot be used at all.</summary>
public sealed class FullDiskTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Writes_to_a_full_disk_are_refused_with_the_reason_and_a_deleted_job_makes_room()
    {
        using var disk = new FullDisk(megabytes: 8);
        using var server = Start(disk.Path);
        using var client = new HttpClient { BaseAddress = await server.AddressAsync() };
        var id = JsonElement.Parse(await (await PostJobAsync(client)).Content.ReadAsStringAsync(Token)).GetProperty("id").GetString()!;
        using (await client.PostAsync(new Uri($"/v1/jobs/{id}/cancel", UriKind.Relative), null, Token)) { }
        await File.WriteAllBytesAsync(Path.Combine(disk.Path, "store", "jobs", id, "big"), new byte[1 << 20], Token);
        disk.Fill();

        foreach (var path in new[] { "/v1/jobs", $"/v1/jobs/{id}", "/metrics", "/v1/queue" })
            (await client.GetAsync(new Uri(path, UriKind.Relative), Token)).StatusCode.ShouldBe(HttpStatusCode.OK, path);
        using (var refused = await PostJobAsync(client))
        {
            refused.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            refused.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
            (await refused.Content.ReadAsStringAsync(Token)).ShouldContain("disk is full");
        }

        await Eventually.BeTrueAsync(async () =>
        {
            using var deleted = await client.DeleteAsync(new Uri($"/v1/jobs/{id}", UriKind.Relative), Token);
            deleted.StatusCode.ShouldBeOneOf(HttpStatusCode.Accepted, HttpStatusCode.NoContent);
            return deleted.StatusCode == HttpStatusCode.NoContent;
        });

        File.Exists(Path.Combine(disk.Path, "store", "jobs", id, "big")).ShouldBeFalse();
        await Eventually.BeTrueAsync(() => Task.FromResult(File.Exists(Path.Combine(disk.Path, "reserve"))));
        using (var accepted = await PostJobAsync(client)) accepted.StatusCode.ShouldBe(HttpStatusCode.Accepted, await accepted.Content.ReadAsStringAsync(Token));
        await server.KillAsync();
    }

    [Fact]
    public async Task A_start_on_a_full_disk_says_so_in_one_line()
    {
        using var disk = new FullDisk(megabytes: 1);
        disk.Fill();
        await FailsAsync(disk.Path, $"DATA_DIR is '{disk.Path}', whose disk is full");
    }

    [Fact]
    public async Task A_start_on_a_disk_that_has_become_full_gives_the_reserve_up()
    {
        using var disk = new FullDisk(megabytes: 8);
        using (var first = Start(disk.Path))
        {
            await first.AddressAsync();
            await first.KillAsync();
        }

        disk.Fill();
        using var second = Start(disk.Path);
        await second.AddressAsync();
    }

    [Fact]
    public async Task A_start_on_a_folder_that_cannot_be_written_says_so_in_one_line()
    {
        using var disk = new FullDisk(megabytes: 1);
        disk.MakeReadOnly();
        await FailsAsync(disk.Path, $"DATA_DIR is '{disk.Path}', which cannot be written");
    }

    [Theory]
    [InlineData("queue.db", "whose queue.db is damaged")]
    [InlineData("store", "which cannot be written")]
    [InlineData("scratch", "which cannot be written")]
    public async Task A_start_on_a_damaged_folder_says_so_in_one_line(string file, string phrase)
    {
        await File.WriteAllTextAsync(_folder.Combine(file), new string('?', 5_000), Token);
        await FailsAsync(_folder.Path, $"DATA_DIR is '{_folder.Path}', {phrase}");
    }

    [Fact]
    public async Task A_start_below_a_file_says_so_in_one_line()
    {
        await File.WriteAllTextAsync(_folder.Combine("file"), "", Token);
        await FailsAsync(_folder.Combine("file", "data"), $"DATA_DIR is '{_folder.Combine("file", "data")}', which cannot be written");
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private async Task FailsAsync(string dataDir, string phrase)
    {
        using var server = Start(dataDir);
        var (code, errors) = await server.EndAsync();
        code.ShouldBe(1, errors);
        errors.Trim().Split('\n').ShouldHaveSingleItem().ShouldStartWith(phrase);
    }

    private ServerProcess Start(string dataDir)
    {
        Directory.CreateDirectory(_folder.Combine("generators", "alpha", "examples"));
        File.WriteAllText(_folder.Combine("generators", "alpha", "examples", "generate.py"), """
            parser.add_argument("--num-samples")
            parser.add_argument("--seed")
            parser.add_argument("--output")
            """);
        return new ServerProcess(_folder.Path, new Dictionary<string, string> { ["DATA_DIR"] = dataDir, ["PORT"] = "0", ["EMBEDDED_WORKER"] = "false" },
            "--GeneratorsDir", _folder.Combine("generators"));
    }

    private static async Task<HttpResponseMessage> PostJobAsync(HttpClient client)
    {
        using var body = new StringContent("""{"generators": "all", "samples": 10}""", Encoding.UTF8, "application/json");
        return await client.PostAsync(new Uri("/v1/jobs", UriKind.Relative), body, Token);
    }
}
