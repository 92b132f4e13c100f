using VmDataset.Pipeline.Dispatch;
using VmDataset.Worker.Samples;

namespace VmDataset.Worker.Batches;

/// <summary>Sends failed ranges on: to another try, or to the dead-letter queue with the generator's own error.</summary>
public sealed partial class FailureHandler(IBatchQueue queue, IDeadLetterQueue deadLetters, FailureStore store,
    WorkerOptions options, TimeProvider time, ILogger<FailureHandler> logger, FailureBudget? budget = null)
{
    /// <summary>Each run of samples that failed alike goes on as one smaller message.</summary>
    public async Task SendOnAsync(BatchMessage message, IReadOnlyCollection<SampleFailure> failures)
    {
        List<OutgoingMessage> again = [];
        foreach (var (range, failure) in Runs(failures))
        {
            if (message.Attempt >= JobLimits.MaxAttempts)
            {
                await DeadLetterAsync(message, range, failure);
                continue;
            }

            await store.RecordAsync(message.JobId, Record(message, range, failure));
            again.Add(new OutgoingMessage(message.With(range, message.Attempt + 1).ToJson(), message.JobId));
        }

        if (again.Count > 0) await queue.SendAsync(again);
        if (failures.Count > 0) await CheckBudgetAsync(message.JobId);
    }

    /// <summary>Dead-letters a message that cannot be read.</summary>
    public Task RefuseAsync(LeasedMessage malformed, string reason) =>
        deadLetters.SendAsync(new OutgoingMessage(malformed.Body, malformed.Group ?? ""), reason);

    /// <summary>Dead-letters ranges that another attempt would not help, or that have had enough.</summary>
    public async Task GiveUpAsync(BatchMessage message, RangeSet ranges, FailureKind kind, string reason)
    {
        foreach (var range in ranges) await DeadLetterAsync(message, range, new SampleFailure(range.Start, kind, reason));
        await CheckBudgetAsync(message.JobId);
    }

    // A worker of its own has none: it may not write what is done to a job, and the reconciler stops the job within a minute.
    // What failed is on its way by then; if this looked like a failure of the message, all of it would be sent a second time.
    private async Task CheckBudgetAsync(string jobId)
    {
        if (budget is null) return;
        try
        {
            await budget.CheckAsync(jobId);
        }
        // Whatever the store met, the next failure or the next look at the job checks again.
        catch (Exception exception)
        {
            Log.Unchecked(logger, exception);
        }
    }

    // The records first, the dead letter last: what rests in the dead-letter queue always has its reason in the store.
    private async Task DeadLetterAsync(BatchMessage message, SampleRange range, SampleFailure failure)
    {
        await store.DeadLetterAsync(message.JobId, message.Generation ?? 0, Record(message, range, failure));
        await deadLetters.SendAsync(new OutgoingMessage(message.With(range, message.Attempt).ToJson(), message.JobId), failure.Message);
    }

    private FailureRecord Record(BatchMessage message, SampleRange range, SampleFailure failure) =>
        FailureRecord.Of(message, range, failure.Kind, failure.Message, time.GetUtcNow()) with
        {
            ExceptionType = failure.ExceptionType,
            Traceback = failure.Traceback,
            LogTail = failure.LogTail,
            Worker = options.Name,
        };

    private static List<(SampleRange Range, SampleFailure First)> Runs(IEnumerable<SampleFailure> failures)
    {
        List<(SampleRange Range, SampleFailure First)> runs = [];
        foreach (var failure in failures.OrderBy(static failure => failure.Index))
        {
            if (runs.Count > 0 && runs[^1] is var (range, first) && range.End == failure.Index
                && first.Kind == failure.Kind && first.ExceptionType == failure.ExceptionType)
            {
                runs[^1] = (new SampleRange(range.Start, range.Count + 1), first);
            }
            else
            {
                runs.Add((new SampleRange(failure.Index, 1), failure));
            }
        }

        return runs;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The failure budget could not be checked")]
        public static partial void Unchecked(ILogger logger, Exception exception);
    }
}
