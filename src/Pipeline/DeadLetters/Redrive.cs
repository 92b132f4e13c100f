using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Queue;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;

namespace VmDataset.Pipeline.DeadLetters;

/// <summary>
/// Gives a dead letter's range another go. The marks by which it counts as failed go first, since a worker may give it up again
/// at once and mark it anew; then the message is sent; the letter itself, which the caller removes, goes last. A crash between
/// leaves the letter, and a repetition sends a message whose range is finished by then, or is once it is worked on.
/// </summary>
public sealed class Redrive(IBatchQueue queue, IObjectStore store, JobEventLog log)
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(1);

    /// <summary>What the letters of one walk share.</summary>
    public DeadRangeIndex Marks() => new(store);

    /// <summary>Sends the message again, with all its tries; what is no message of ours, as it is.</summary>
    /// <exception cref="WorkHaltedException">The message would only be dropped.</exception>
    public async Task RunAsync(DeadLetter letter, DeadRangeIndex marks)
    {
        if (BatchMessageParser.Parse(letter.Body).Message is not { } message)
        {
            await queue.SendAsync([new OutgoingMessage(letter.Body, letter.Group ?? "")]);
            return;
        }

        var control = await log.ReadRecentAsync(message.JobId, MaxAge);
        var again = message with { Attempt = 1, Generation = control.For(message.Generator).Generation };
        if (control.Drops(again)) throw new WorkHaltedException(message.JobId);
        await marks.ReopenAsync(message.JobId);
        await marks.RemoveAsync(message, control);
        await queue.SendAsync([new OutgoingMessage(again.ToJson(), letter.Group ?? message.JobId)]);
    }
}

/// <summary>A job's work was cancelled, paused, stopped or deleted.</summary>
public sealed class WorkHaltedException(string jobId) : Exception(
    $"The job '{jobId}' was cancelled, paused, stopped or deleted; allowed: letters of jobs whose work goes on, as it does after a retry or a resumption.");
