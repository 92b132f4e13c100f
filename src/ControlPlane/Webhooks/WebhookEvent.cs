using System.Text.Json.Nodes;
using VmDataset.ControlPlane.Jobs.Views;

namespace VmDataset.ControlPlane.Webhooks;

/// <summary>Something that the receiver of a job's webhook is told, once it has happened.</summary>
/// <param name="Job">The job, as it was then.</param>
/// <param name="Type">What happened: <see cref="Ended"/> or <see cref="Stopped"/>.</param>
/// <param name="At">When it happened.</param>
/// <param name="Qualifier">Tells events of one type from each other; letters, digits, <c>_</c> and <c>-</c>.</param>
internal sealed record WebhookEvent(JobView Job, string Type, DateTimeOffset At, string? Qualifier = null)
{
    /// <summary>Nothing more happens to the job by itself. After a retry it may end again.</summary>
    public const string Ended = "job.ended";

    /// <summary>The failure budget stopped the job, or one of its generators while the others go on.</summary>
    public const string Stopped = "job.stopped";

    /// <summary>
    /// The same for every instance and every attempt, so that a receiver can drop repeats. It goes into what is signed,
    /// whose parts are separated by full stops; so it has none.
    /// </summary>
    public string Id => $"{Job.Id}_{Type.Replace('.', '_')}{(Qualifier is null ? "" : "_" + Qualifier)}";

    /// <summary>What has happened to a job so far, as far as its receiver is to know.</summary>
    /// <param name="job">The job with its history.</param>
    public static IReadOnlyList<WebhookEvent> Of(JobView job)
    {
        // Numbered by the history, which is the same for whoever looks.
        var numbered = job.History!.Select(static (each, i) => (each.Event, each.At, Number: $"{i + 1}")).ToList();
        var events = numbered.Where(static each => each.Event == JobEventType.Stopped)
            .Select(each => new WebhookEvent(job, Stopped, each.At, each.Number)).ToList();
        var retry = numbered.LastOrDefault(static each => each.Event == JobEventType.Retried).Number;
        if (job.State.IsEnd() && job.FinishedAt is { } end) events.Add(new WebhookEvent(job, Ended, end, retry));
        return events;
    }

    public byte[] ToBody()
    {
        var data = JsonSerializer.SerializeToNode(Job, WireJson.Options)!.AsObject();
        // They are paths on this server, and it does not know the name by which the receiver reaches it.
        data.Remove("links");
        // It is written after the end, and every attempt sends what the first one did.
        data.Remove("dataset");
        return JsonSerializer.SerializeToUtf8Bytes(new JsonObject
        {
            ["type"] = Type,
            ["timestamp"] = JsonValue.Create(At),
            ["data"] = data
        }, WireJson.Options);
    }
}
