using VmDataset.Pipeline.Queue;

namespace VmDataset.Pipeline.Telemetry;

/// <summary>Spans of the two ends of the queue (OpenTelemetry, "Semantic conventions for messaging spans").</summary>
public static class MessageActivities
{
    /// <summary>The message attribute that carries the trace context on SQS; Lambda's events have it too.</summary>
    public const string TraceParent = "traceparent";

    /// <summary>The sending of a job's messages, one span for all of them; null when nobody listens.</summary>
    public static Activity? StartSending(QueueName queue, string jobId) =>
        Instrumentation.Activities.StartActivity($"send {queue.Name}", ActivityKind.Producer)
            .Describe(queue, "send")?.SetTag(Attributes.JobId, jobId);

    /// <summary>
    /// The work on one message, as a child of what sent it. It is there even when nobody listens, for the trace id in the log;
    /// ASP.NET Core does the same for its requests.
    /// </summary>
    public static Activity StartProcessing(QueueName queue, LeasedMessage message)
    {
        var name = $"process {queue.Name}";
        // What is no trace context, as anybody may write one, is none.
        _ = ActivityContext.TryParse(message.TraceParent, null, isRemote: true, out var parent);
        var activity = Instrumentation.Activities.StartActivity(name, ActivityKind.Consumer, parent) ?? Unheard(name, parent);
        return activity.Describe(queue, "process")!.SetTag(Attributes.ReceiveCount, message.ReceiveCount);
    }

    private static Activity? Describe(this Activity? activity, QueueName queue, string operation) => activity?
        .SetTag(Attributes.System, queue.System)
        .SetTag(Attributes.Destination, queue.Name)
        .SetTag(Attributes.OperationName, operation)
        .SetTag(Attributes.OperationType, operation);

    private static Activity Unheard(string name, ActivityContext parent)
    {
        var activity = new Activity(name);
        if (parent != default) activity.SetParentId(parent.TraceId, parent.SpanId, parent.TraceFlags);
        return activity.Start();
    }
}
