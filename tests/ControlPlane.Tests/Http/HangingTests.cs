using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using VmDataset.ControlPlane.Http;
using VmDataset.ControlPlane.Tests.Operations;
using VmDataset.Pipeline.Aws;
using VmDataset.Pipeline.Local;
using VmDataset.Pipeline.Queue;
using VmDataset.Pipeline.Storage;

namespace VmDataset.ControlPlane.Tests.Http;

/// <summary>A store or a queue that takes every call and answers none: every route comes to an answer, and says that it is not the client's fault.</summary>
public sealed class HangingTests
{
    private const string Job = "20261123-130501-9f3c2a7b";

    // What asks neither, or tells what it knows without.
    internal static readonly string[] WithoutStore = ["GET /assets/{hash}/{name}", "GET /sign-in", "GET /sign-in/openid", "GET /sign-in/openid/callback", "GET /jobs/new", "GET /operations/keys/{key}/revoke", "GET /operations/dead-letters/delete", "GET /health/live", "GET /openapi/v1.json", "GET /v1/whoami", "GET /v1/generators", "GET /v1/generators/{name}", "GET /v1/fleet", "GET /v1/queue", "GET /metrics"];

    internal static readonly string[] QueueAlone = ["GET /v1/dead-letters", "POST /v1/dead-letters/redrive", "DELETE /v1/dead-letters", "POST /v1/dead-letters/{letter}/redrive", "DELETE /v1/dead-letters/{letter}"];

    // On a machine that others use, in place of the 10 s that StallTimeout.Limit stays below.
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(40);

    [Fact]
    public void The_limit_leaves_room_below_ten_seconds() => StallTimeout.Limit.ShouldBeLessThan(TimeSpan.FromSeconds(9));

    [Fact]
    public async Task A_store_is_503_on_every_route_that_needs_it()
    {
        using var folder = new TemporaryFolder();
        var store = new HangingStore(new FileSystemObjectStore(folder.Path)) { Hangs = false };
        await using var api = Api.Empty(services => services.AddSingleton<IObjectStore>(store));
        api.AddGenerator("alpha");
        await api.GetAsync("/health/live");
        store.Hangs = true;
        using var client = api.Client();

        var answers = await WalkAsync(api.Services, client);

        Answered(answers).Except(WithoutStore).Except(QueueAlone).ShouldBeEmpty();
        answers.ShouldAllBe(answer => answer.IsSound);
    }

    [Fact]
    public async Task A_queue_is_503_where_it_is_needed()
    {
        await using var api = Api.Empty(services => services.AddSingleton<IBatchQueue, HangingQueue>().AddSingleton<IDeadLetterQueue, HangingQueue>());
        api.AddGenerator("alpha");
        await api.GetAsync("/health/live");
        using var client = api.Client();

        var answers = await WalkAsync(api.Services, client);

        answers.Where(answer => answer.Name.Contains("/v1/dead-letters", StringComparison.Ordinal) || answer.Name is "GET /v1/queue" or "GET /health/ready")
            .Select(answer => answer.Status).Distinct().ShouldBe([HttpStatusCode.ServiceUnavailable]);
        answers.ShouldAllBe(answer => answer.IsSound);
    }

    [Fact]
    public async Task AWS_that_takes_connections_and_says_nothing_is_503_too()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start(512);
        var endpoint = new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
        await using var api = Aws(endpoint);
        api.AddGenerator("alpha");
        using var client = api.Client();

        var answers = await WalkAsync(api.Services, client);

        Answered(answers).Except(WithoutStore).ShouldBeEmpty();
        answers.Single(answer => answer.Name == "GET /v1/queue").Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        answers.ShouldAllBe(answer => answer.IsSound);
    }

    [Fact]
    public async Task Dead_letters_that_SQS_refuses_are_503()
    {
        await using var sqs = await VmDataset.Tests.Aws.StubSqs.StartAsync();
        await using var api = Aws(sqs.Endpoint);

        var problem = await api.GetAsync("/v1/dead-letters", HttpStatusCode.ServiceUnavailable);

        problem.GetProperty("retry_after_seconds").GetInt32().ShouldBeGreaterThan(0);
    }

    internal static IEnumerable<string> Answered(IEnumerable<Answer> answers) =>
        answers.Where(answer => answer.Status != HttpStatusCode.ServiceUnavailable).Select(answer => answer.Name);

    /// <param name="Name">Method and route.</param>
    /// <param name="Status">The status.</param>
    /// <param name="IsSound">Whether it is no 5xx, or a 503 as it is documented.</param>
    internal sealed record Answer(string Name, HttpStatusCode Status, bool IsSound);

    internal static EngineApi Aws(Uri endpoint)
    {
        Environment.SetEnvironmentVariable("AWS_ACCESS_KEY_ID", "test");
        Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", "test");
        return new EngineApi(new Dictionary<string, string>(EngineApi.AwsSettings(new AwsOptions
        {
            Region = "eu-west-1",
            QueueUrl = new Uri(endpoint, "/000000000000/tasks").AbsoluteUri,
            DeadLetterQueueUrl = new Uri(endpoint, "/000000000000/dead").AbsoluteUri,
            Bucket = "bucket",
            EndpointUrl = endpoint,
        }, null))
        { ["ALLOW_ANONYMOUS"] = "everyone-who-can-reach-it" });
    }

    internal static async Task<IReadOnlyList<Answer>> WalkAsync(IServiceProvider services, HttpClient client)
    {
        using (await client.GetAsync(new Uri("/health/live", UriKind.Relative))) { }
        var routes = from endpoint in services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
                     from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"]
                     // A form without its token is refused before anything is read.
                     where method == "GET" || endpoint.Metadata.GetMetadata<IProblemPage>() is null
                     select (Method: method, Pattern: "/" + endpoint.RoutePattern.RawText!.Trim('/'));
        return await Task.WhenAll(routes.Select(async route =>
        {
            var path = route.Pattern.Replace("{**path}", "alpha/a_task/a_00000000/prompt.txt", StringComparison.Ordinal).Replace("{id}", Job, StringComparison.Ordinal)
                .Replace("{name}", "alpha", StringComparison.Ordinal).Replace("{key}", "4be1c09a7d52", StringComparison.Ordinal).Replace("{letter}", "7", StringComparison.Ordinal).Replace("{index}", "0", StringComparison.Ordinal);
            if (route.Pattern is "/v1/dead-letters" && route.Method == "DELETE" || route.Pattern is "/v1/dead-letters/redrive") path += $"?job_id={Job}";
            using var request = new HttpRequestMessage(new HttpMethod(route.Method), new Uri(path, UriKind.Relative));
            if (route.Method == "POST")
            {
                request.Content = route.Pattern switch
                {
                    "/v1/jobs" or "/v1/jobs/plan" => JsonContent.Create(new { generators = "all", samples = 1 }),
                    "/v1/keys" => JsonContent.Create(new { name = "n", role = "read" }),
                    _ => JsonContent.Create(new { }),
                };
            }

            using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).WaitAsync(Bound);
            var isSound = (int)answer.StatusCode < 500 || (answer.StatusCode == HttpStatusCode.ServiceUnavailable
                && (route.Pattern == "/health/ready" || (answer.Content.Headers.ContentType?.MediaType is "application/problem+json" or "text/html" && answer.Headers.RetryAfter is not null)));
            return new Answer($"{route.Method} {route.Pattern}", answer.StatusCode, isSound);
        }));
    }
}
