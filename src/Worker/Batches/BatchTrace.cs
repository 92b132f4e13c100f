using System.Diagnostics.Metrics;

namespace VmDataset.Worker.Batches;

/// <summary>One message's span, and its place in the count of batches. What is sent while it is open carries its context on.</summary>
internal sealed class BatchTrace(QueueName queue, LeasedMessage message) : IDisposable
{
    /// <summary>Nothing was missing.</summary>
    public const string Repeated = "repeated";

    /// <summary>It rests with the dead letters, with a record.</summary>
    public const string GivenUp = "given_up";

    /// <summary>Its job was cancelled, paused, stopped or deleted, or has sent it anew.</summary>
    public const string Unwanted = "unwanted";

    /// <summary>Its lease was lost, or a stop had no more time for it.</summary>
    public const string Dropped = "dropped";

    private static readonly Counter<long> Batches =
        Instrumentation.Meter.CreateCounter<long>("vm_dataset.batches", "{batch}", "Messages that a worker is through with.");

    private readonly Activity _span = MessageActivities.StartProcessing(queue, message);

    public string Outcome { get; set; } = Dropped;

    public void Describe(BatchMessage batch) => _span
        .SetTag(Attributes.JobId, batch.JobId)
        .SetTag(Attributes.Generator, batch.Generator)
        .SetTag(Attributes.StartIndex, batch.StartIndex)
        .SetTag(Attributes.NumSamples, batch.NumSamples)
        .SetTag(Attributes.Attempt, batch.Attempt);

    public void Refuse(string reason) => Fail("malformed", reason);

    public void GiveBack(Exception exception)
    {
        _span.SetTag(Attributes.ErrorType, exception.GetType().FullName);
        Fail("given_back", exception.Message);
    }

    /// <summary>All of its range is stored, sent on or handed over.</summary>
    public void Finish(BatchRun drawn)
    {
        _span.SetTag(Attributes.Done, drawn.Done).SetTag(Attributes.Failed, drawn.Failures.Count)
            .SetTag(Attributes.HandedOver, drawn.Unfinished.SampleCount);
        Outcome = drawn.Unfinished.IsEmpty ? "finished" : "handed_over";
        if (drawn.Failures.Count > 0) Fail("failed", $"{drawn.Failures.Count} samples failed.");
    }

    public void Dispose()
    {
        if (Outcome is Dropped or GivenUp) _span.SetStatus(ActivityStatusCode.Error);
        _span.SetTag(Attributes.Outcome, Outcome);
        _span.Dispose();
        Batches.Add(1, new KeyValuePair<string, object?>(Attributes.Outcome, Outcome));
    }

    private void Fail(string outcome, string reason)
    {
        Outcome = outcome;
        _span.SetStatus(ActivityStatusCode.Error, reason);
    }
}
