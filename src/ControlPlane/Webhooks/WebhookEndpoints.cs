using Microsoft.AspNetCore.Http.HttpResults;
using VmDataset.ControlPlane.Auth;
using VmDataset.ControlPlane.Http;
using VmDataset.ControlPlane.Jobs.Views;
using VmDataset.Pipeline.Settings;

namespace VmDataset.ControlPlane.Webhooks;

/// <summary>Tells those who asked for it what becomes of their jobs, and shows how far that is.</summary>
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

    public static void MapWebhooks(this IEndpointRouteBuilder app) =>
        app.MapGet("/v1/jobs/{id}/webhook", GetAsync).RequireRole(Role.Read).WithName("get_webhook").WithTags("Jobs").RejectUnknownQuery()
            .WithSummary("Look at a job's webhook")
            .WithDescription("What its receiver was told, and every attempt to tell it.")
            .ProducesValidationProblem().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status500InternalServerError);

    private static async Task<Results<Ok<WebhookView>, ProblemHttpResult>> GetAsync(
        string id, JobLookup lookup, JobSnapshotReader snapshots, DeliveryStore deliveries, TimeProvider time, CancellationToken cancellationToken)
    {
        var (job, problem) = await lookup.FindAsync(id, cancellationToken);
        if (job is null) return problem!;
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
