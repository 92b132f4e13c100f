using VmDataset.ControlPlane.Jobs.Views;

namespace VmDataset.ControlPlane.Webhooks;

/// <summary>Delivers events of jobs to webhooks, and shows the deliveries.</summary>
internal static class WebhookEndpoints
{
    public static void AddWebhooks(this WebApplicationBuilder builder, SettingsBinder settings)
    {
        var options = settings.Bind(new WebhookOptions(), new WebhookOptionsValidator());
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton<WebhookUrlReader>();
        builder.Services.AddSingleton<DeliveryStore>();
        if (options.Keys.Count == 0) return;
        builder.Services.AddSingleton<WebhookSigner>();
        builder.Services.AddSingleton<WebhookClient>();
        builder.Services.AddSingleton<WebhookDispatcher>();
    }

    public static void MapWebhooks(this IEndpointRouteBuilder api) =>
        api.MapJob("Jobs").MapGet("webhook", GetAsync).WithName("get_webhook").WithSummary("Get a job's webhook deliveries")
            .WithDescription("The events sent to the webhook's receiver, with every delivery attempt.");

    private static async Task<Results<Ok<WebhookView>, ProblemHttpResult>> GetAsync(
        [AsParameters] JobRoute route, JobSnapshotReader snapshots, DeliveryStore deliveries, TimeProvider time,
            CancellationToken cancellationToken)
    {
        var (id, job) = (route.Id, route.Job);
        if (job.WebhookUrl is not { } url)
            return Problem.NotFound($"The job '{id}' has no webhook; the field webhook_url of POST /v1/jobs asks for one.");
        var happened = WebhookEvent.Of(JobViewer.View(await snapshots.ReadAsync(job, cancellationToken), withGenerators: true));
        var now = time.GetUtcNow();
        List<WebhookEventView> events = [.. (await deliveries.ReadAsync(id, cancellationToken)).Select(delivery => View(delivery, now))];
        var isPending = !happened.Any(static each => each.Type == WebhookEvent.Ended)
            || happened.Any(each => events.Find(known => known.Id == each.Id) is null or { State: DeliveryState.Pending })
            || events.Exists(static each => each.State == DeliveryState.Pending && each.NextAttemptAt is not null);
        return TypedResults.Ok(new WebhookView
        {
            Url = url,
            State = isPending ? DeliveryState.Pending
                : events.Any(static each => each.State == DeliveryState.GivenUp) ? DeliveryState.GivenUp : DeliveryState.Delivered,
            Events = events,
        });
    }

    private static WebhookEventView View(Delivery delivery, DateTimeOffset now)
    {
        var state = delivery.StateAt(now);
        return new WebhookEventView
        {
            Id = delivery.EventId,
            State = state,
            NextAttemptAt = state == DeliveryState.Pending && delivery.Attempts.Count > 0 ? delivery.DueAt : null,
            Attempts = [.. delivery.Attempts.Select(static attempt => new WebhookAttemptView
            {
                At = attempt.Claim.At,
                Status = attempt.Result?.Status,
                Error = attempt.Result?.Error,
                Milliseconds = attempt.Result?.Milliseconds,
            })],
        };
    }
}
