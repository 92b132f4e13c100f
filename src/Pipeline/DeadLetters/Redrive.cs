using VmDataset.Pipeline.Control;
using VmDataset.Pipeline.Messages;
using VmDataset.Pipeline.Queue;
using VmDataset.Pipeline.Storage;

namespace VmDataset.Pipeline.DeadLetters;

/// <summary>
/// Gives a dead letter's range another go. The message goes first, then the marks by which the range counts as failed, and
/// the letter itself, which the caller removes, last: a crash between leaves the letter, and a repetition sends a message
/// whose range is finished by then, or is once it is worked on.
/// </summary>
public sealed class Redrive(IBatchQueue queue, IObjectStore store, ControlLog log, TimeProvider time)
{
    /// <summary>Sends the message again, with all its tries; what is no message of ours, as it is.</summary>
    /// <exception cref="InvalidOperationException">Its job's work was halted: the message would only be dropped.</exception>
    public async Task RunAsync(DeadLetter letter)
    {
        var started = time.GetUtcNow();
        if (BatchMessageParser.Parse(letter.Body).Message is not { } message)
        {
            await queue.SendAsync([new OutgoingMessage(letter.Body, letter.Group ?? "")]);
            return;
        }

        var control = await log.ReadAsync(message.JobId);
        var again = message with { Attempt = 1, Round = control.For(message.Generator).Round };
        if (control.Drops(again))
            throw new InvalidOperationException($"The job '{message.JobId}' was cancelled, paused, stopped or deleted; allowed: letters of jobs whose work goes on, as it does after a retry or a resumption.");
        await queue.SendAsync([new OutgoingMessage(again.ToJson(), letter.Group ?? message.JobId)]);
        await RemoveMarksAsync(message, control, started);
    }

    // The sweep marks parts of a range, where others were done: what lies in the range is on the queue now.
    private async Task RemoveMarksAsync(BatchMessage message, JobControl control, DateTimeOffset before)
    {
        var range = message.Range;
        List<string> marks = [];
        // Since the last retry, each resumption was a round of its own.
        foreach (var round in control.RoundsSinceRetry(message.Generator))
        {
            await foreach (var entry in store.ListAsync(ObjectKeys.DeadPrefix(message.JobId, round, message.Generator)))
            {
                if (!ObjectKeys.TryParseRange(entry.Key, out _, out var dead) || dead.Start < range.Start) continue;
                if (dead.Start >= range.End) break;
                // A newer mark is of this very message, which a worker has given up again meanwhile.
                if (dead.End <= range.End && entry.LastModified < before) marks.Add(entry.Key);
            }
        }

        await store.DeleteManyAsync(marks);
    }
}
