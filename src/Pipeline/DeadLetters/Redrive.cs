using VmDataset.Pipeline.Messages;
using VmDataset.Pipeline.Queue;
using VmDataset.Pipeline.Storage;

namespace VmDataset.Pipeline.DeadLetters;

/// <summary>
/// Gives a dead letter's range another go. The message goes first, then the marks by which the range counts as failed, and
/// the letter itself, which the caller removes, last: a crash between leaves the letter, and a repetition sends a message
/// whose range is finished by then, or is once it is worked on.
/// </summary>
public sealed class Redrive(IBatchQueue queue, IObjectStore store, TimeProvider time)
{
    /// <summary>Sends the message again, with all its tries; what is no message of ours, as it is.</summary>
    public async Task RunAsync(DeadLetter letter)
    {
        var started = time.GetUtcNow();
        if (BatchMessageParser.Parse(letter.Body).Message is not { } message)
        {
            await queue.SendAsync([new OutgoingMessage(letter.Body, letter.Group ?? "")]);
            return;
        }

        await queue.SendAsync([new OutgoingMessage((message with { Attempt = 1 }).ToJson(), letter.Group ?? message.JobId)]);
        await RemoveMarksAsync(message, started);
    }

    // The sweep marks parts of a range, where others were done: what lies in the range is on the queue now.
    private async Task RemoveMarksAsync(BatchMessage message, DateTimeOffset before)
    {
        var prefix = $"{ObjectKeys.DeadPrefix(message.JobId)}{message.Generator}/";
        List<string> marks = [];
        await foreach (var entry in store.ListAsync(prefix))
        {
            if (!ObjectKeys.TryParseRange(entry.Key, out _, out var range) || range.Start < message.Range.Start) continue;
            if (range.Start >= message.Range.End) break;
            // A newer mark is of this very message, which a worker has given up again meanwhile.
            if (range.End <= message.Range.End && entry.LastModified < before) marks.Add(entry.Key);
        }

        foreach (var mark in marks) await store.DeleteAsync(mark);
    }
}
