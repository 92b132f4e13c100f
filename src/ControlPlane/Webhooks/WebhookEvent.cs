using System.Text.Json;
using System.Text.Json.Nodes;
using VmDataset.ControlPlane.Jobs;
using VmDataset.Pipeline.Json;
using VmDataset.Pipeline.Progress;

namespace VmDataset.ControlPlane.Webhooks;

/// <summary>Something that the receiver of a job's webhook is told, once it has happened.</summary>
/// <param name="Job">The job, as it was then.</param>
/// <param name="Type">What happened: <see cref="Ended"/>.</param>
/// <param name="At">When it happened.</param>
/// <param name="Qualifier">Tells events of one type from each other; letters, digits, <c>_</c> and <c>-</c>.</param>
internal sealed record WebhookEvent(JobView Job, string Type, DateTimeOffset At, string? Qualifier = null)
{
    /// <summary>Every sample is finished or has failed for good.</summary>
    public const string Ended = "job.ended";

    /// <summary>
    /// The same for every instance and every attempt, so that a receiver can drop repeats. It goes into what is signed,
    /// whose parts are separated by full stops; so it has none.
    /// </summary>
    public string Id => $"{Job.Id}_{Type.Replace('.', '_')}{(Qualifier is null ? "" : "_" + Qualifier)}";

    /// <summary>What has happened to a job so far, as far as its receiver is to know.</summary>
    public static IReadOnlyList<WebhookEvent> Of(JobView job, DateTimeOffset now) =>
        IsEnd(job.State) ? [new WebhookEvent(job, Ended, job.FinishedAt ?? now)] : [];

    public static bool IsEnd(JobState state) => state is JobState.Succeeded or JobState.Failed;

    public byte[] ToBody()
    {
        var data = JsonSerializer.SerializeToNode(Job, WireJson.Options)!.AsObject();
        // They are paths on this server, and it does not know the name by which the receiver reaches it.
        data.Remove("links");
        return JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["type"] = Type, ["timestamp"] = JsonValue.Create(At), ["data"] = data }, WireJson.Options);
    }
}
