using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using VmDataset.ControlPlane.Tests.Operations;
using VmDataset.Pipeline.Queue;

namespace VmDataset.ControlPlane.Tests.Http;

public sealed class ProblemTests(Api api) : IClassFixture<Api>
{
    [Theory]
    [InlineData("GET", "/v1/nothing", 404, "There is nothing at /v1/nothing; /openapi/v1.json lists what there is.")]
    [InlineData("GET", "/v1/queue/1", 404, "There is nothing at")]
    [InlineData("GET", "/openapi/v2.json", 404, "")]
    [InlineData("DELETE", "/v1/jobs", 405, "DELETE is not possible at /v1/jobs; allowed: GET, POST.")]
    [InlineData("POST", "/v1/jobs/x/samples", 405, "allowed: GET.")]
    [InlineData("PUT", "/v1/jobs/x/files/a.png", 405, "allowed: GET, HEAD.")]
    [InlineData("PATCH", "/v1/generators/alpha", 405, "allowed: GET.")]
    [InlineData("GET", "/v1/jobs/unknown", 404, "There is no job 'unknown'")]
    [InlineData("GET", "/v1/jobs/unknown/files/a.png", 404, "The job has no such file")]
    [InlineData("GET", "/v1/jobs?limit=no", 400, "limit is 'no'")]
    public async Task Every_error_has_the_one_shape(string method, string url, int status, string phrase)
    {
        using var client = api.Client();
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(url, UriKind.Relative));
        request.Headers.Accept.ParseAdd("text/html");
        using var answer = await client.SendAsync(request);

        await IsProblemAsync(answer, status, phrase);
    }

    [Theory]
    [InlineData(false, 500, "its log has the cause")]
    [InlineData(true, 503, "cannot be reached")]
    public async Task An_unexpected_failure_shows_a_trace_id_and_no_internals(bool outOfReach, int status, string phrase)
    {
        await using var broken = Api.Empty(services => services.AddSingleton<IBatchQueue>(new BrokenQueue(outOfReach)));
        using var client = broken.Client();
        using var answer = await client.GetAsync(new Uri("/v1/queue", UriKind.Relative));

        var body = await IsProblemAsync(answer, status, phrase);
        body.ShouldNotContain(BrokenQueue.Message);
        body.ShouldNotContain("   at ");
        (answer.Headers.RetryAfter?.Delta).ShouldBe(outOfReach ? TimeSpan.FromSeconds(5) : null);
    }

    [Fact]
    public async Task A_body_that_breaks_off_is_400_and_no_store_out_of_reach()
    {
        var http = await api.SendAsync(static http =>
        {
            (http.Request.Method, http.Request.Path, http.Request.ContentType) = ("POST", "/v1/jobs", "application/json");
            http.Request.Headers.TransferEncoding = "chunked";
            http.Request.Body = new BrokenStream();
        });

        http.Response.StatusCode.ShouldBe(400);
        http.Response.ContentType.ShouldBe("application/problem+json");
        using var body = new StreamReader(http.Response.Body);
        (await body.ReadToEndAsync()).ShouldContain("broke off");
    }

    [Fact]
    public async Task A_job_is_accepted_even_when_the_queue_fails_and_stays_unsent()
    {
        await using var broken = Api.Empty(services => services.AddSingleton<IBatchQueue, UnsendableQueue>());
        broken.AddGenerator("alpha");

        var job = await broken.PostJobAsync("""{"generators": ["alpha"], "samples": 1}""");

        job.GetProperty("state").GetString().ShouldBe("submitting");
    }

    private static async Task<string> IsProblemAsync(HttpResponseMessage answer, int status, string phrase)
    {
        var body = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe((HttpStatusCode)status, body);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        answer.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
        var problem = JsonElement.Parse(body);
        problem.GetProperty("status").GetInt32().ShouldBe(status);
        problem.GetProperty("type").GetString().ShouldNotBeNullOrEmpty();
        problem.GetProperty("title").GetString().ShouldNotBeNullOrEmpty();
        problem.GetProperty("trace_id").GetString().ShouldNotBeNullOrEmpty();
        if (phrase.Length > 0) problem.GetProperty("detail").GetString()!.ShouldContain(phrase);
        return body;
    }

    private sealed class BrokenStream : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => throw new IOException("Connection reset by peer.");
    }

    /// <summary>A queue that takes no messages for now.</summary>
    private sealed class UnsendableQueue(Pipeline.Local.SqliteBatchQueue queue) : IBatchQueue
    {
        public bool ChoosesGroups => false;

        public Task SendAsync(IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken = default) => throw new IOException("The queue is away.");

        public Task<IReadOnlyList<LeasedMessage>> ReceiveAsync(int max, TimeSpan lease, TimeSpan wait, IReadOnlyCollection<string> except, CancellationToken cancellationToken = default) => queue.ReceiveAsync(max, lease, wait, except, cancellationToken);

        public Task<bool> RenewAsync(LeasedMessage message, TimeSpan lease, CancellationToken cancellationToken = default) => queue.RenewAsync(message, lease, cancellationToken);

        public Task DeleteAsync(LeasedMessage message, CancellationToken cancellationToken = default) => queue.DeleteAsync(message, cancellationToken);

        public Task<QueueDepth?> GetDepthAsync(string? group = null, CancellationToken cancellationToken = default) => queue.GetDepthAsync(group, cancellationToken);
    }
}
