using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using VmDataset.ControlPlane.Reconciliation;
using VmDataset.Pipeline.Jobs;

namespace VmDataset.ControlPlane.Tests.Webhooks;

/// <summary>An application that sends webhooks, also to this machine.</summary>
internal static class Hooked
{
    public static byte[] Key { get; } = Convert.FromBase64String("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");

    public static Dictionary<string, string> Settings { get; } = new()
    {
        ["WebhookSecret"] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        ["WebhookAllowPrivate"] = "true",
    };

    public static Api Start(Action<IServiceCollection>? configure = null, params (string Name, string Value)[] more)
    {
        Dictionary<string, string> settings = new(Settings);
        foreach (var (name, value) in more) settings[name] = value;
        var api = Api.Empty(configure, settings);
        api.AddGenerator("alpha");
        return api;
    }

    /// <summary>A job of ten samples.</summary>
    public static Task<Job> SubmitHookedAsync(this Api api, Uri receiver) =>
        api.SubmitAsync($$"""{"generators": ["alpha"], "samples": 10, "seed": 7, "webhook_url": "{{receiver.OriginalString}}"}""");

    /// <summary>Such a job that has ended well.</summary>
    public static async Task<Job> EndHookedAsync(this Api api, Uri receiver)
    {
        var job = await api.SubmitHookedAsync(receiver);
        await api.FinishAsync(job, "alpha", 0, 10);
        return job;
    }

    public static Task<JsonElement> WebhookAsync(this Api api, Job job) => api.GetAsync($"/v1/jobs/{job.Id}/webhook");

    /// <summary>Lets the application look until a job's webhook is so.</summary>
    public static Task<JsonElement> UntilAsync(this Api api, Job job, Func<JsonElement, bool> isSo) => Eventually.GetAsync(
        async () =>
        {
            // A pass that was under way while a test moved the clock takes the job for one in which nothing moves.
            api.Services.GetRequiredService<ReconcileScheduler>().Hasten(job.Id);
            await api.ReconcileAsync();
            return await api.WebhookAsync(job);
        },
        isSo);

    public static Task<JsonElement> UntilAsync(this Api api, Job job, string state) =>
        api.UntilAsync(job, view => view.GetProperty("state").GetString() == state);

    /// <summary>Lets the application look until so many attempts of a job's only event have ended.</summary>
    public static Task<JsonElement> UntilAttemptsAsync(this Api api, Job job, int count) => api.UntilAsync(job, view =>
        Attempts(view).Count(attempt => attempt.TryGetProperty("milliseconds", out _)) == count);

    /// <summary>The attempts of all events, mostly one.</summary>
    public static IReadOnlyList<JsonElement> Attempts(JsonElement webhook) =>
        [.. webhook.GetProperty("events").EnumerateArray().SelectMany(each => each.GetProperty("attempts").EnumerateArray())];
}
