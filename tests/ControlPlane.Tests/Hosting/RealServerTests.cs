using System.Net.Sockets;
using System.Text;

namespace VmDataset.ControlPlane.Tests.Hosting;

/// <summary>What only shows over a real connection: paths as the server itself reads them, and its own refusals.</summary>
public sealed class RealServerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ServerProcess _server;

    public RealServerTests()
    {
        Directory.CreateDirectory(_folder.Combine("generators"));
        _server = new ServerProcess(_folder.Path, null, "--Port", "0", "--EmbeddedWorker", "false");
    }

    public void Dispose()
    {
        _server.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task No_path_leads_out_of_the_data()
    {
        Directory.CreateDirectory(_folder.Combine("data", "store", "jobs", "j", "data"));
        await File.WriteAllTextAsync(_folder.Combine("data", "store", "jobs", "j", "job.json"), "classified");
        await File.WriteAllTextAsync(_folder.Combine("secret.txt"), "classified");
        foreach (var path in new[]
                 {
                     "../job.json", "%2e%2e/job.json", "..%2fjob.json", "%2e%2e%2fjob.json", "..%5cjob.json", "....//job.json", "..;/job.json",
                     "../../../../../secret.txt", "..%2f..%2f..%2f..%2f..%2fsecret.txt", "%252e%252e/job.json", "%2f" + _folder.Combine("secret.txt"),
                     "a%00/../job.json", "%00", "%c0%ae%c0%ae/job.json", "/../job.json",
                 })
        {
            var answer = await SendAsync($"GET /v1/jobs/j/files/{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");

            answer.ShouldMatch("^HTTP/1.1 (404|400) ", path);
            answer.ShouldNotContain("classified", customMessage: path);
        }
    }

    [Fact]
    public async Task A_body_that_is_announced_too_large_is_refused_unread()
    {
        var answer = await SendAsync("POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n{");

        answer.ShouldStartWith("HTTP/1.1 413 ");
        answer.ShouldContain("application/problem+json");
    }

    [Fact]
    public async Task A_body_of_unannounced_length_is_refused_after_a_megabyte()
    {
        var chunk = $"10000\r\n{new string(' ', 0x10000)}\r\n";

        var answer = await SendAsync("POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
            + string.Concat(Enumerable.Repeat(chunk, 16)) + "1\r\n \r\n0\r\n\r\n");

        answer.ShouldStartWith("HTTP/1.1 413 ");
        answer.ShouldContain("1048576 bytes");
    }

    /// <summary>Kestrel itself refuses them: there is no request that a handler could answer.</summary>
    [Theory]
    [InlineData("GET /v1/jobs/%00 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400)]
    [InlineData("GET /v1/jobs HTTP/1.1\r\n\r\n", 400)]
    [InlineData("GET /v1/jobs HTTP/1.1\r\nHost: a b\r\n\r\n", 400)]
    [InlineData("GET /v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", 400)]
    [InlineData("POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n\r\n", 400)]
    [InlineData("nonsense\r\n\r\n", 400)]
    [InlineData("GET /v1/jobs HTTP/3.7\r\nHost: localhost\r\n\r\n", 505)]
    [InlineData("GET /LONG HTTP/1.1\r\nHost: localhost\r\n\r\n", 414)]
    [InlineData("GET / HTTP/1.1\r\nHost: localhost\r\nX: LONG\r\nY: LONG\r\nZ: LONG\r\nA: LONG\r\n\r\n", 431)]
    // These come into the pipeline.
    [InlineData("GET /v1/jobs HTTP/1.1\r\nHost: evil.example.org\r\nConnection: close\r\n\r\n", 400)]
    [InlineData("GET /v1/jobs?cursor=%00 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 400)]
    [InlineData("FOO /v1/jobs HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 405)]
    [InlineData("POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400)]
    public async Task Every_early_answer_is_a_problem_document_with_the_security_headers(string request, int status)
    {
        var answer = await SendAsync(request.Replace("LONG", new string('a', 9_000), StringComparison.Ordinal));

        answer.ShouldStartWith($"HTTP/1.1 {status} ");
        answer.ShouldContain("Content-Type: application/problem+json");
        answer.ShouldContain("X-Content-Type-Options: nosniff");
        answer.ShouldContain("Content-Security-Policy: default-src 'none'");
        answer.ShouldContain($"\"status\":{status}");
        answer.ShouldContain("\"detail\":\"");
    }

    private async Task<string> SendAsync(string request)
    {
        var address = await _server.AddressAsync();
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var connection = new TcpClient();
        await connection.ConnectAsync(address.Host, address.Port, deadline.Token);
        await using var stream = connection.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request), deadline.Token);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync(deadline.Token);
    }
}
