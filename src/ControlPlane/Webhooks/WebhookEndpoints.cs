using Microsoft.AspNetCore.Http.HttpResults;
using VmDataset.ControlPlane.Http;
using VmDataset.ControlPlane.Jobs.Views;
using VmDataset.ControlPlane.Reconciliation;
using VmDataset.ControlPlane.Settings;
using VmDataset.Pipeline.Records;

namespace VmDataset.ControlPlane.Webhooks;

/// <summary>Delivers events of jobs to webhooks, and shows the deliveries.</summary>
internal static class WebhookEndpoints
{
    private const int LooksAtOnce = 32;

    public static void AddWebhooks(this WebApplicationBuilder builder, BackendOptions engine)
    {
        builder.Services.AddSingleton<WebhookUrlReader>();
        builder.Services.AddSingleton<DeliveryStore>();
        if (engine.Webhooks.Keys.Count == 0) return;
        builder.Services.AddSingleton<WebhookSigner>();
        builder.Services.AddSingleton<WebhookClient>();
        builder.Services.AddSingleton<WebhookDispatcher>();
        builder.Services.AddMarkedJobs<WebhookDispatcher>(ObjectKeys.WebhookPendingPrefix, LooksAtOnce, static teller => teller.LookAsync);
    }

    public static void MapWebhooks(this IEndpointRouteBuilder api) =>
        api.MapJob("Jobs").MapGet("webhook", GetAsync).WithName("get_webhook").WithSummary("Get a job's webhook deliveries")
            .WithDescription("The events sent to the webhook's receiver, with every delivery attempt.");

    private static async Task<Results<Ok<WebhookView>, ProblemHttpResult>> GetAsync(
        [AsParameters] JobRoute route, DeliveryStore deliveries, TimeProvider time, CancellationToken cancellationToken)
    {
        var (id, job) = (route.Id, route.Job);
        if (job.WebhookUrl is not { } url)
            return Problem.NotFound($"The job '{id}' has no webhook; the field webhook_url of POST /v1/jobs asks for one.");
        // First of the two: what is settled after this look shows as pending, and not the other way round.
        var isPending = await deliveries.IsPendingAsync(id, cancellationToken);
        var now = time.GetUtcNow();
        List<WebhookEventView> events = [.. (await deliveries.ReadAsync(id, cancellationToken)).Select(delivery => View(delivery, now))];
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
