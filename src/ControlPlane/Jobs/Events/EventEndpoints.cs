using Microsoft.OpenApi;
using VmDataset.ControlPlane.Jobs.Views;

namespace VmDataset.ControlPlane.Jobs.Events;

internal static class EventEndpoints
{
    private const string ContentType = "text/event-stream";

    private static readonly TimeSpan TryAgain = TimeSpan.FromSeconds(10);

    private const string Example = """
        retry: 2000

        id: 0-0-0-0000000000000000
        event: progress
        data: {"state":"running","samples":{"total":100,"done":20,"failed":0},"batches":{"total":10,"done":2,"failed":0,"queued":6,"in_flight":2},"samples_per_second":4.1,"eta_seconds":20}

        """;

    public static void AddEvents(this WebApplicationBuilder builder, BackendOptions backend)
    {
        builder.Services.AddSingleton(WatchLimits.For(backend));
        builder.Services.AddSingleton<JobObserver>();
        builder.Services.AddSingleton<JobWatcherRegistry>();
    }

    public static void MapEvents(this IEndpointRouteBuilder api) =>
        api.MapJob("Jobs").MapGet("events", WatchAsync).WithName("watch_job").WithSummary("Watch a job")
            .WithDescription("A stream of server-sent events: progress at the start and at every change, control for each entry of the job's history, failure for each failure record, and end, with the whole job, when nothing more happens to it by itself. A client that was disconnected continues, at any instance, with Last-Event-ID: no control or failure is lost, and a failure may come twice (the same generator, start_index, samples and failed_at). A range that fails again before its failure was read is reported once. 204: the job has ended and the client has every event; do not connect again.")
            .WithRequestHeader(EventId.Header,
                "The id of the last event of this job that the client has, such as 1-1795438801000-2-9f3c2a7b51c0d86e; the stream continues after it. Browsers send it by themselves.")
            .Produces<string>(StatusCodes.Status200OK, ContentType)
            .AddOpenApiOperationTransformer(static (operation, _, _) => AddExample(operation));

    private static Task AddExample(OpenApiOperation operation)
    {
        if (operation.Responses?["200"] is OpenApiResponse { Content: { } content }) content[ContentType].Example = Example;
        return Task.CompletedTask;
    }

    private static async Task<Results<EmptyHttpResult, NoContent, ProblemHttpResult>> WatchAsync(
        [AsParameters] JobRoute route, HttpContext http, Caller caller, JobWatcherRegistry watches, WatchLimits limits, TimeProvider time,
        IOptions<Microsoft.AspNetCore.Http.Json.JsonOptions> json, IHostApplicationLifetime lifetime)
    {
        using var longest = new CancellationTokenSource(limits.Longest, time);
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping, longest.Token);
        var header = http.Request.Headers[EventId.Header].ToString();
        var has = EventId.None;
        if (header.Length > 0 && !EventId.TryParse(header, out has)) return Wrong(header);
        using var watcher = watches.Join(route.Job, caller.Id);
        if (watcher is null) return Problem.NotNow(
            $"{limits.MaxStreams} streams are open here, or {limits.MaxStreamsPerCaller} of them are {caller.Id}'s, which is the most there may be; try again, or poll GET /v1/jobs/{route.Id}.", TryAgain);

        try
        {
            var look = await watcher.Watch.NextAsync(null, gone.Token).WaitAsync(limits.Patience, time, gone.Token);
            // Another instance may have told what this one's look is too old for. The second from now was begun after the request.
            for (var again = 0; again < 2 && has.Control > look.Events.Count && !look.IsLast; again++)
                look = await watcher.Watch.NextAsync(look, gone.Token).WaitAsync(limits.Patience, time, gone.Token);
            if (has.Control > look.Events.Count) return Wrong(header);
            if (has.Ended && look.IsLast && has.Control == look.Events.Count
                && look.Failures.After(has.Failures) == look.Failures.Count) return TypedResults.NoContent();
            Begin(http);
            var writer = new SseWriter(http.Response.Body, json.Value.SerializerOptions);
            await new EventStream(watcher.Watch, writer, limits, time, has with { Ended = false }).RunAsync(look, gone.Token);
        }
        catch (OperationCanceledException) when (gone.IsCancellationRequested)
        {
            // The client hung up, or goes on with a new stream, perhaps at another instance.
        }
        catch (TimeoutException) when (!http.Response.HasStarted)
        {
            return Problem.NotNow("The job cannot be read at the moment; the server's log has the cause. Try again.", TryAgain);
        }

        return TypedResults.Empty;
    }

    private static ProblemHttpResult Wrong(string header) => Problem.Invalid(new ValidationError(EventId.Header,
        $"{EventId.Header} is '{header}'; allowed: the id of an event of this job's stream, or none."));

    private static void Begin(HttpContext http)
    {
        http.Response.ContentType = ContentType;
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers["X-Accel-Buffering"] = "no";
    }
}
