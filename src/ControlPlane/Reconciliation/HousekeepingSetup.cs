using Microsoft.AspNetCore.Http.HttpResults;
using VmDataset.ControlPlane.Settings;
using VmDataset.Pipeline.Storage;

namespace VmDataset.ControlPlane.Reconciliation;

/// <summary>Chores, driven by a loop or, on Lambda, by events.</summary>
internal static class HousekeepingSetup
{
    /// <summary>Where the Lambda Web Adapter posts events that are no requests, and the stack's schedule its own.</summary>
    public const string EventsPath = "/events";

    public static void AddHousekeeping(this WebApplicationBuilder builder, BackendOptions engine)
    {
        builder.Services.AddSingleton<Housekeeper>();
        if (engine.OnLambda) builder.Services.AddSingleton<ScheduledRounds>();
        else builder.Services.AddHostedService<HousekeepingLoop>();
    }

    /// <summary>Adds a chore that looks at the jobs which have a marker below a prefix.</summary>
    public static void AddMarkedJobs<T>(
        this IServiceCollection services, string prefix, int atOnce, Func<T, Func<ObjectEntry, CancellationToken, Task<DateTimeOffset>>> look)
        where T : notnull =>
        services.AddSingleton<IChore>(provider => ActivatorUtilities.CreateInstance<MarkedJobs>(provider, prefix, atOnce, look(provider.GetRequiredService<T>())));

    public static void MapHousekeeping(this WebApplication app)
    {
        // A schedule has no credentials, and a round does no harm whoever asks for it.
        if (app.Services.GetService<ScheduledRounds>() is not null)
            app.MapPost(EventsPath, RunAsync).AllowAnonymous().DisableRateLimiting().ExcludeFromDescription();
    }

    private static async Task<NoContent> RunAsync(ScheduledRounds rounds)
    {
        await rounds.RunAsync();
        return TypedResults.NoContent();
    }
}
