using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Queue;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;

namespace VmDataset.Pipeline.DeadLetters;

/// <summary>Sends a dead letter's message again. The records by which its range counts as failed are deleted first, since a worker may give
/// it up again as soon as the message is sent. The caller removes the dead letter last. A crash between these steps leaves the dead letter;
/// repeating them sends the message twice, which is harmless.</summary>
public sealed class Redrive(IBatchQueue queue, IObjectStore store, JobEventLog log)
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(1);

    /// <summary>An index that the dead letters of one walk share.</summary>
    public DeadRangeIndex NewIndex() => new(store);

    /// <summary>Sends the message again with all its attempts; a body that is no message is sent as it is.</summary>
    /// <exception cref="WorkHaltedException">The message would only be dropped.</exception>
    public async Task RunAsync(DeadLetter deadLetter, DeadRangeIndex index)
    {
        if (BatchMessageParser.Parse(deadLetter.Body).Message is not { } message)
        {
            await queue.SendAsync([new OutgoingMessage(deadLetter.Body, deadLetter.Group ?? "")]);
            return;
        }

        var control = await log.ReadRecentAsync(message.JobId, MaxAge);
        var again = message with { Attempt = 1, Generation = control.For(message.Name).Generation };
        if (control.Drops(again)) throw new WorkHaltedException(message.JobId);
        await index.ReopenAsync(message.JobId);
        await index.RemoveAsync(message, control);
        await queue.SendAsync([new OutgoingMessage(again.ToJson(), deadLetter.Group ?? message.JobId)]);
    }
}

/// <summary>A job's work was cancelled, paused, stopped or deleted.</summary>
public sealed class WorkHaltedException(string jobId) : Exception(
    $"The job '{jobId}' was cancelled, paused, stopped or deleted; allowed: dead letters of jobs whose work goes on, as it does after a retry or a resumption.");
