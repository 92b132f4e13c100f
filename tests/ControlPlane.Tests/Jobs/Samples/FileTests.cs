using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using VmDataset.Pipeline.Records;

namespace VmDataset.ControlPlane.Tests.Jobs.Samples;

public sealed class FileTests : IAsyncDisposable
{
    private const string JobId = "20261123-130501-9f3c2a7b";
    private const string Content = "0123456789";
    private readonly Api _api = new();
    private readonly HttpClient _client;

    public FileTests() => _client = _api.Client();

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _api.DisposeAsync();
    }

    [Theory]
    [InlineData("first_frame.png", "image/png")]
    [InlineData("ground_truth.mp4", "video/mp4")]
    [InlineData("prompt.txt", "text/plain; charset=utf-8")]
    [InlineData("metadata.json", "application/json")]
    [InlineData("shard.tar", "application/x-tar")]
    [InlineData("page.html", "application/octet-stream")]
    [InlineData("picture.svg", "application/octet-stream")]
    [InlineData("noextension", "application/octet-stream")]
    [InlineData("Ä b%25#.TXT", "text/plain; charset=utf-8")]
    public async Task Files_have_their_content_type_and_can_do_nothing_in_a_browser(string name, string contentType)
    {
        await PutAsync(Uri.UnescapeDataString(name));

        using var answer = await SendAsync(HttpMethod.Get, Uri.EscapeDataString(Uri.UnescapeDataString(name)));

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Content.Headers.ContentType!.ToString().ShouldBe(contentType);
        (await answer.Content.ReadAsStringAsync()).ShouldBe(Content);
        answer.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
        var policy = answer.Headers.GetValues("Content-Security-Policy").ShouldHaveSingleItem();
        policy.ShouldStartWith("default-src 'none'");
        policy.ShouldEndWith("sandbox allow-same-origin");
    }

    [Theory]
    [InlineData("bytes=0-3", "0123", "bytes 0-3/10")]
    [InlineData("bytes=4-", "456789", "bytes 4-9/10")]
    [InlineData("bytes=-2", "89", "bytes 8-9/10")]
    [InlineData("bytes=8-100", "89", "bytes 8-9/10")]
    public async Task Files_are_served_in_parts(string range, string part, string contentRange)
    {
        await PutAsync("ground_truth.mp4");

        using var answer = await SendAsync(HttpMethod.Get, "ground_truth.mp4", request => request.Headers.Range = RangeHeaderValue.Parse(range));

        answer.StatusCode.ShouldBe(HttpStatusCode.PartialContent);
        (await answer.Content.ReadAsStringAsync()).ShouldBe(part);
        answer.Content.Headers.ContentRange!.ToString().ShouldBe(contentRange);
        answer.Headers.AcceptRanges.ShouldBe(["bytes"]);
    }

    [Fact]
    public async Task A_part_beyond_the_end_is_a_problem()
    {
        await PutAsync("ground_truth.mp4");

        using var answer = await SendAsync(HttpMethod.Get, "ground_truth.mp4", request => request.Headers.Range = RangeHeaderValue.Parse("bytes=10-"));

        answer.StatusCode.ShouldBe(HttpStatusCode.RequestedRangeNotSatisfiable);
        answer.Content.Headers.ContentRange!.ToString().ShouldBe("bytes */10");
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        JsonElement.Parse(await answer.Content.ReadAsStringAsync()).GetProperty("detail").GetString().ShouldBe("Range is bytes=10-; allowed: bytes within the file.");
    }

    [Fact]
    public async Task Files_are_not_sent_again_unless_changed()
    {
        await PutAsync("a.png");
        using var first = await SendAsync(HttpMethod.Get, "a.png");

        using var byTag = await SendAsync(HttpMethod.Get, "a.png", request => request.Headers.IfNoneMatch.Add(first.Headers.ETag!));
        using var byTime = await SendAsync(HttpMethod.Get, "a.png", request => request.Headers.IfModifiedSince = first.Content.Headers.LastModified);
        await PutAsync("a.png", "changed");
        using var changed = await SendAsync(HttpMethod.Get, "a.png", request => request.Headers.IfNoneMatch.Add(first.Headers.ETag!));

        byTag.StatusCode.ShouldBe(HttpStatusCode.NotModified);
        byTime.StatusCode.ShouldBe(HttpStatusCode.NotModified);
        changed.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await changed.Content.ReadAsStringAsync()).ShouldBe("changed");
        changed.Headers.CacheControl!.NoCache.ShouldBeTrue();
    }

    [Fact]
    public async Task A_HEAD_request_gives_the_headers_alone()
    {
        await PutAsync("a.png");

        using var answer = await SendAsync(HttpMethod.Head, "a.png");

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Content.Headers.ContentLength.ShouldBe(10);
        (await answer.Content.ReadAsStringAsync()).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("")]
    [InlineData("gone.png")]
    [InlineData("folder")]
    [InlineData("folder/")]
    [InlineData("a.png/below")]
    [InlineData("..%2F..%2Fjob.json")]
    [InlineData("folder/..%2F..%2F..%2Fjob.json")]
    [InlineData("..%5C..%5Cjob.json")]
    [InlineData("%2Fetc%2Fpasswd")]
    [InlineData("/etc/passwd")]
    [InlineData("folder//b.png")]
    [InlineData(".%2Fa.png")]
    [InlineData("a.png.")]
    [InlineData("a.png%20")]
    [InlineData("A.PNG")]
    [InlineData("%EF%BC%8E%EF%BC%8E/%EF%BC%8E%EF%BC%8E/job.json")]
    [InlineData("%E2%80%A5/job.json")]
    [InlineData("..%2F..%2F..%2Fkeys%2Fabc.json")]
    public async Task Paths_other_than_those_of_a_samples_files_are_not_found(string path)
    {
        await PutAsync("a.png");
        await PutAsync("folder/b.png");
        await _api.PutTextAsync(ObjectKeys.Job(JobId), "secret");

        using var answer = await SendAsync(HttpMethod.Get, path);

        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await answer.Content.ReadAsStringAsync()).ShouldNotContain("secret");
    }

    [Fact]
    public async Task Files_with_names_longer_than_any_may_have_are_not_found()
    {
        using var part = await SendAsync(HttpMethod.Get, new string('a', 256));
        using var whole = await SendAsync(HttpMethod.Get, string.Join('/', Enumerable.Repeat(new string('a', 100), 20)));

        part.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        whole.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    private Task PutAsync(string name, string content = Content) => _api.PutTextAsync(ObjectKeys.DataPrefix(JobId) + name, content);

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, Action<HttpRequestMessage>? prepare = null)
    {
        using var request = new HttpRequestMessage(method, new Uri($"/v1/jobs/{JobId}/files/{path}", UriKind.Relative));
        prepare?.Invoke(request);
        return await _client.SendAsync(request);
    }
}
