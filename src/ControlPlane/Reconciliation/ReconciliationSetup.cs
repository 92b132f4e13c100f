using VmDataset.ControlPlane.Jobs.Views;

namespace VmDataset.ControlPlane.Reconciliation;

/// <summary>The reconciler, driven by a loop or, on Lambda, by events.</summary>
internal static class ReconciliationSetup
{
    /// <summary>The path to which the Lambda Web Adapter posts events that are no requests, and the stack's schedule its own.</summary>
    public const string EventsPath = "/events";

    public static void AddReconciliation(this WebApplicationBuilder builder, BackendOptions backend)
    {
        builder.Services.AddSingleton<BackgroundTaskRunner>()
            .AddHostedService(static provider => provider.GetRequiredService<BackgroundTaskRunner>());
        builder.Services.AddSingleton<JobSnapshotReader>();
        builder.Services.AddSingleton<JobRemoval>();
        builder.Services.AddSingleton<VersionRecorder>();
        builder.Services.AddSingleton<JobProgression>();
        builder.Services.AddSingleton<JobReconciler>();
        builder.Services.AddSingleton<ReconcileScheduler>();
        if (backend.OnLambda) builder.Services.AddSingleton<ScheduledReconcile>();
        else builder.Services.AddHostedService<ReconcileLoop>();
    }

    public static void MapReconciliation(this WebApplication app)
    {
        // A schedule has no credentials, and a pass does no harm whoever asks for it.
        if (app.Services.GetService<ScheduledReconcile>() is not null)
            app.MapPost(EventsPath, RunAsync).AllowAnonymous().DisableRateLimiting().ExcludeFromDescription();
    }

    private static async Task<NoContent> RunAsync(ScheduledReconcile reconcile)
    {
        await reconcile.RunAsync();
        return TypedResults.NoContent();
    }
}
