using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Queue;

namespace VmDataset.Pipeline.DeadLetters;

/// <summary>Lists dead letters, sends them again and removes them, each by itself: one that fails stays where it is.</summary>
public sealed partial class DeadLetterService(IDeadLetterQueue queue, Redrive redrive, DeadLetterRecorder recorder,
    ILogger<DeadLetterService> logger)
{
    // A queue or store that is out of reach refuses all: then the walk ends early.
    private const int MaxRefusals = 100;

    /// <summary>The oldest dead letters of a job, as far as they are found in time.</summary>
    /// <param name="jobId">The job; null for all.</param>
    /// <param name="max">How many at most, 1 or more.</param>
    /// <param name="pause">Ends the search.</param>
    /// <param name="cancellationToken">Ends it anywhere.</param>
    public async Task<IReadOnlyList<DeadLetter>> ListAsync(
        string? jobId, int max, CancellationToken pause = default, CancellationToken cancellationToken = default)
    {
        if (jobId is null) return await queue.PeekAsync(max, cancellationToken);
        ConcurrentQueue<DeadLetter> found = [];
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(pause);
        await queue.WalkAsync(async deadLetter =>
        {
            if (JobOf(deadLetter) == jobId) found.Enqueue(deadLetter);
            if (found.Count >= max) await enough.CancelAsync();
            return false;
        }, enough.Token, cancellationToken);
        return [.. found.OrderBy(static each => each.DiedAt).Take(max)];
    }

    /// <summary>Puts the messages back on the queue; see <see cref="Redrive"/>.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="pause">Ends it before the next dead letter.</param>
    /// <param name="cancellationToken">Ends it anywhere, which loses nothing.</param>
    public Task<DeadLetterCounts> RedriveAsync(DeadLetterFilter filter, CancellationToken pause = default,
        CancellationToken cancellationToken = default)
    {
        var index = redrive.NewIndex();
        return WalkAsync(filter, deadLetter => redrive.RunAsync(deadLetter, index), pause, cancellationToken);
    }

    /// <summary>Removes dead letters for good. Their ranges go on counting as failed.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="pause">Ends it before the next dead letter.</param>
    /// <param name="cancellationToken">Ends it anywhere.</param>
    public Task<DeadLetterCounts> RemoveAsync(DeadLetterFilter filter, CancellationToken pause = default,
        CancellationToken cancellationToken = default) =>
        // Once it is removed, nothing else tells that the queue gave the range up.
        WalkAsync(filter, deadLetter => deadLetter.MovedByQueue ? recorder.RecordAsync(deadLetter, cancellationToken) : Task.CompletedTask,
            pause, cancellationToken);

    /// <summary>The job of its message, or the group of a body that is no message; null if it has neither.</summary>
    public static string? JobOf(DeadLetter deadLetter) =>
        BatchMessageParser.Parse(deadLetter.Body).Message?.JobId ?? (string.IsNullOrEmpty(deadLetter.Group) ? null : deadLetter.Group);

    private async Task<DeadLetterCounts> WalkAsync(
        DeadLetterFilter filter, Func<DeadLetter, Task> handle, CancellationToken pause, CancellationToken cancellationToken)
    {
        var taken = 0;
        ConcurrentQueue<RefusedDeadLetter> refused = [], kept = [];
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(pause);
        var walkedAll = await queue.WalkAsync(async deadLetter =>
        {
            if (!filter.Matches(deadLetter)) return false;
            if (filter.Id is not null) await stop.CancelAsync();
            try
            {
                await handle(deadLetter);
                Interlocked.Increment(ref taken);
                return true;
            }
            catch (WorkHaltedException halted)
            {
                // Other dead letters may be of generators whose work goes on.
                if (kept.Count < MaxRefusals) kept.Enqueue(new RefusedDeadLetter(deadLetter.Id, halted.Message));
                return false;
            }
#pragma warning disable CA1031 // Whatever failed at the queue or the store: this one stays, and the others are tried.
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                Log.Refused(logger, exception, deadLetter.Id);
                refused.Enqueue(new RefusedDeadLetter(deadLetter.Id, exception.Message));
                if (refused.Count >= MaxRefusals) await stop.CancelAsync();
                return false;
            }
        }, stop.Token, cancellationToken);
        return new DeadLetterCounts(taken, [.. refused, .. kept], More: !walkedAll
            && (filter.Id is null || taken + refused.Count + kept.Count == 0));
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The dead letter {Id} stays where it is")]
        public static partial void Refused(ILogger logger, Exception exception, string id);
    }
}

/// <summary>Chooses the dead letters that match every condition that is set.</summary>
public sealed record DeadLetterFilter
{
    public string? Id { get; init; }

    public string? JobId { get; init; }

    public string? Generator { get; init; }

    /// <summary>Those of earlier generations of their job: a retry's own dead letters are not older than itself.</summary>
    public int? BeforeGeneration { get; init; }

    public bool Matches(DeadLetter deadLetter)
    {
        if (Id is not null && deadLetter.Id != Id) return false;
        if (JobId is not null && DeadLetterService.JobOf(deadLetter) != JobId) return false;
        if (Generator is null && BeforeGeneration is null) return true;
        // A malformed message, or one put on the queue by hand, has no generation: nothing was sent in its place.
        var message = BatchMessageParser.Parse(deadLetter.Body).Message;
        return (Generator is null || message?.Generator == Generator)
            && (BeforeGeneration is null || message?.Generation < BeforeGeneration);
    }
}

/// <param name="Taken">Dead letters that were handled and removed.</param>
/// <param name="Refused">Dead letters that could not be handled, and stay.</param>
/// <param name="More">Whether some were not reached; the same call continues with them.</param>
public sealed record DeadLetterCounts(int Taken, IReadOnlyList<RefusedDeadLetter> Refused, bool More);

/// <param name="Id">The dead letter.</param>
/// <param name="Reason">Why it stays.</param>
public sealed record RefusedDeadLetter(string Id, string Reason);
