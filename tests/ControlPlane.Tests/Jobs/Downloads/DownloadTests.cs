using System.Formats.Tar;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using VmDataset.ControlPlane.Jobs.Downloads;
using VmDataset.ControlPlane.Tests.Datasets;
using VmDataset.Pipeline.Datasets;
using VmDataset.Pipeline.Jobs;

namespace VmDataset.ControlPlane.Tests.Jobs.Downloads;

public sealed class DownloadTests : IAsyncDisposable
{
    private readonly Api _api = new();

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Theory]
    [InlineData(DrawnJobs.FilesBody)]
    [InlineData(DrawnJobs.TarsBody)]
    public async Task The_pages_of_a_download_link_every_file_once(string body)
    {
        var job = await ReadyAsync(body);
        List<string> paths = [];
        using var client = _api.Client();
        string? cursor = null;
        do
        {
            var page = await _api.GetAsync($"/v1/jobs/{job.Id}/download?limit=3{(cursor is null ? "" : $"&cursor={cursor}")}");
            foreach (var item in page.GetProperty("items").EnumerateArray())
            {
                paths.Add(item.GetProperty("path").GetString()!);
                var content = await client.GetByteArrayAsync(new Uri(item.GetProperty("url").GetString()!, UriKind.Relative));
                content.LongLength.ShouldBe(item.GetProperty("bytes").GetInt64());
                DrawnJobs.Hex(content).ShouldBe(item.GetProperty("sha256").GetString());
            }

            cursor = page.TryGetProperty("next_cursor", out var next) ? next.GetString() : null;
        }
        while (cursor is not null);

        paths[..5].Order(StringComparer.Ordinal).ShouldBe(DrawnJobs.Names);
        paths.Order(StringComparer.Ordinal).ShouldBe((await _api.Store.FilesAsync(job)).Keys);
    }

    [Theory]
    [InlineData("?format=tar", null)]
    [InlineData("", "application/x-tar")]
    public async Task A_download_as_a_tar_is_complete_and_the_same_each_time(string query, string? accept)
    {
        var job = await ReadyAsync(DrawnJobs.FilesBody);
        using var client = _api.Client();
        if (accept is not null) client.DefaultRequestHeaders.Accept.ParseAdd(accept);
        var uri = new Uri($"/v1/jobs/{job.Id}/download{query}", UriKind.Relative);
        var tar = await client.GetByteArrayAsync(uri);
        (await client.GetByteArrayAsync(uri)).ShouldBe(tar);

        SortedDictionary<string, byte[]> members = new(StringComparer.Ordinal);
        await using var reader = new TarReader(new MemoryStream(tar));
        while (await reader.GetNextEntryAsync() is { } entry)
        {
            var content = new MemoryStream();
            await entry.DataStream!.CopyToAsync(content);
            members.Add(entry.Name, content.ToArray());
        }

        var files = await _api.Store.FilesAsync(job);
        members.Keys.ShouldBe(files.Keys);
        foreach (var (name, content) in files) members[name].ShouldBe(content, name);
        // Where GNU's format has times of its own, other readers look for the first part of a long name.
        tar[345..512].ShouldAllBe(static each => each == 0);
    }

    [Fact]
    public async Task A_tar_that_is_cut_short_does_not_pass_for_a_whole_one()
    {
        var job = await ReadyAsync(DrawnJobs.FilesBody);
        using var target = new MemoryStream();
        var files = new[] { "README.md", "gone.txt" }.ToAsyncEnumerable().Select(static path => new DataFile(path, 1, ""));

        await Should.ThrowAsync<IOException>(() => _api.Services.GetRequiredService<DatasetTar>().WriteAsync(job, files, target, TestContext.Current.CancellationToken));

        target.Length.ShouldBeGreaterThan(512);
        target.ToArray()[^512..].ShouldContain(static each => each != 0);
    }

    [Theory]
    [InlineData("format=zip", "format is 'zip'; allowed: json, tar.")]
    [InlineData("format=tar&limit=3", "format is 'tar' beside limit or cursor; allowed: without them, as a tar has no pages.")]
    [InlineData("cursor=x", "cursor is 'x'; allowed: the next_cursor of the page before, or none.")]
    [InlineData("cursor=gamma:0:0", "cursor is 'gamma:0:0'; allowed: the next_cursor of the page before, or none.")]
    public async Task A_download_says_what_is_wrong(string query, string detail)
    {
        var job = await ReadyAsync(DrawnJobs.FilesBody);
        (await _api.GetAsync($"/v1/jobs/{job.Id}/download?{query}", HttpStatusCode.BadRequest)).GetProperty("detail").GetString().ShouldBe(detail);
    }

    private async Task<Job> ReadyAsync(string body)
    {
        var job = await _api.DrawnAsync(body);
        await _api.DatasetAsync(job);
        return job;
    }
}
