using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Queue;

namespace VmDataset.Pipeline.DeadLetters;

/// <summary>The dead letters, looked through, sent again and removed, each alone: one that cannot be dealt with stays where it is.</summary>
public sealed partial class DeadLetterService(IBatchQueue queue, Redrive redrive, DeadLetterRecorder sweep, ILogger<DeadLetterService> logger)
{
    // A queue or store that is away refuses all: then the rest is better left alone.
    private const int MaxRefusals = 100;

    /// <summary>The oldest letters of a job, as far as they are found in time.</summary>
    /// <param name="jobId">The job; null for all.</param>
    /// <param name="max">How many at most, 1 or more.</param>
    /// <param name="pause">Ends the search.</param>
    /// <param name="cancellationToken">Ends it anywhere.</param>
    public async Task<IReadOnlyList<DeadLetter>> ListAsync(string? jobId, int max, CancellationToken pause = default, CancellationToken cancellationToken = default)
    {
        if (jobId is null) return await queue.PeekDeadLettersAsync(max, cancellationToken);
        ConcurrentQueue<DeadLetter> found = [];
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(pause);
        await queue.WalkDeadLettersAsync(async letter =>
        {
            if (JobOf(letter) == jobId) found.Enqueue(letter);
            if (found.Count >= max) await enough.CancelAsync();
            return false;
        }, enough.Token, cancellationToken);
        return [.. found.OrderBy(static letter => letter.DiedAt).Take(max)];
    }

    /// <summary>Puts letters' messages back on the queue; see <see cref="Redrive"/>.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="pause">Ends it before the next letter.</param>
    /// <param name="cancellationToken">Ends it anywhere, which loses nothing.</param>
    public Task<DeadLetterCounts> RedriveAsync(DeadLetterFilter filter, CancellationToken pause = default, CancellationToken cancellationToken = default)
    {
        var marks = redrive.Marks();
        return WalkAsync(filter, letter => redrive.RunAsync(letter, marks), pause, cancellationToken);
    }

    /// <summary>Removes letters for good. Their ranges go on counting as failed.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="pause">Ends it before the next letter.</param>
    /// <param name="cancellationToken">Ends it anywhere.</param>
    public Task<DeadLetterCounts> RemoveAsync(DeadLetterFilter filter, CancellationToken pause = default, CancellationToken cancellationToken = default) =>
        // Without its letter, nobody would learn any more that the queue has given a range up.
        WalkAsync(filter, letter => letter.MovedByQueue ? sweep.DeadLetterAsync(letter, cancellationToken) : Task.CompletedTask, pause, cancellationToken);

    /// <summary>Whose a letter is: its message's job, or the group of what is no message; null if it has neither.</summary>
    public static string? JobOf(DeadLetter letter) =>
        BatchMessageParser.Parse(letter.Body).Message?.JobId ?? (string.IsNullOrEmpty(letter.Group) ? null : letter.Group);

    private async Task<DeadLetterCounts> WalkAsync(
        DeadLetterFilter filter, Func<DeadLetter, Task> handle, CancellationToken pause, CancellationToken cancellationToken)
    {
        var taken = 0;
        ConcurrentQueue<RefusedDeadLetter> refused = [], kept = [];
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(pause);
        var walkedAll = await queue.WalkDeadLettersAsync(async letter =>
        {
            if (!filter.Matches(letter)) return false;
            if (filter.Id is not null) await stop.CancelAsync();
            try
            {
                await handle(letter);
                Interlocked.Increment(ref taken);
                return true;
            }
            catch (WorkHaltedException halted)
            {
                // Its fellows may be of generators whose work goes on.
                if (kept.Count < MaxRefusals) kept.Enqueue(new RefusedDeadLetter(letter.Id, halted.Message));
                return false;
            }
#pragma warning disable CA1031 // Whatever the queue or store met: the letter stays, and its fellows are tried.
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                Log.Refused(logger, exception, letter.Id);
                refused.Enqueue(new RefusedDeadLetter(letter.Id, exception.Message));
                if (refused.Count >= MaxRefusals) await stop.CancelAsync();
                return false;
            }
        }, stop.Token, cancellationToken);
        return new DeadLetterCounts(taken, [.. refused, .. kept], More: !walkedAll && (filter.Id is null || taken + refused.Count + kept.Count == 0));
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The dead letter {Id} stays where it is")]
        public static partial void Refused(ILogger logger, Exception exception, string id);
    }
}

/// <summary>Chooses dead letters: those that are all that is given.</summary>
public sealed record DeadLetterFilter
{
    public string? Id { get; init; }

    public string? JobId { get; init; }

    public string? Generator { get; init; }

    /// <summary>Those of earlier generations of their job: a retry's own letters are not older than itself.</summary>
    public int? BeforeGeneration { get; init; }

    public bool Matches(DeadLetter letter)
    {
        if (Id is not null && letter.Id != Id) return false;
        if (JobId is not null && DeadLetterService.JobOf(letter) != JobId) return false;
        if (Generator is null && BeforeGeneration is null) return true;
        // What is no message, or was put on the queue by hand, is in no generation: nothing was sent in its place.
        var message = BatchMessageParser.Parse(letter.Body).Message;
        return (Generator is null || message?.Generator == Generator) && (BeforeGeneration is null || message?.Generation < BeforeGeneration);
    }
}

/// <param name="Taken">Letters that were dealt with and are gone.</param>
/// <param name="Refused">Letters that could not be, and stay.</param>
/// <param name="More">Whether some were not reached: again, please.</param>
public sealed record DeadLetterCounts(int Taken, IReadOnlyList<RefusedDeadLetter> Refused, bool More);

/// <param name="Id">The letter.</param>
/// <param name="Reason">What went wrong with it.</param>
public sealed record RefusedDeadLetter(string Id, string Reason);
