using VmDataset.Pipeline.Control;
using VmDataset.Pipeline.Messages;

namespace VmDataset.Pipeline.Jobs;

/// <summary>
/// One sending of a job's messages: the submission, a resumption or a retry. Its batches have one fixed order, so that a number
/// tells how far it is.
/// </summary>
public sealed record Round
{
    private Round(Job job, JobEvent? cause, JobControl control) => (Job, Cause, Control) = (job, cause, control);

    public Job Job { get; }

    /// <summary>The event that asked for it; null for the submission.</summary>
    public JobEvent? Cause { get; }

    /// <summary>The job's log when the round was found to be current.</summary>
    public JobControl Control { get; }

    public int Number => Cause?.Number ?? 0;

    public DateTimeOffset At => Cause?.At ?? Job.CreatedAt;

    public long TotalBatches => (long)Job.BatchesPerGenerator() * (Cause?.Generator is null ? Job.Generators.Count : 1);

    /// <summary>The rounds whose messages are to be worked on now.</summary>
    public static IReadOnlyList<Round> Current(Job job, JobControl control) =>
        control.Paused || control.Deleted ? []
            : [.. job.Generators.Select(generator => control.For(generator.Name)).Where(static generator => generator.Halt is null)
                .Select(static generator => generator.Round).Distinct().Order()
                .Select(number => new Round(job, number == 0 ? null : control.Events[number - 1], control))];

    /// <summary>Whether the round is still the newest one of this generator, and the generator's work goes on.</summary>
    public bool IsCurrent(JobControl control, string generator) =>
        !control.Paused && !control.Deleted && control.For(generator) is { Halt: null } now && now.Round == Number;

    /// <summary>
    /// Each of whole batches, in order. Generators take turns, so that the first results of each appear early and a broken one is
    /// seen early.
    /// </summary>
    public IEnumerable<BatchMessage> Batches() =>
        from range in Job.Range().Split(Job.BatchSize)
        from generator in Job.Generators
        where Cause?.Generator is null || Cause.Generator == generator.Name
        select BatchMessage.For(Job, generator, range, Number) with { TimeoutSeconds = TimeoutOf(generator.Name) };

    // A resumption goes on as the retry before it began.
    private int? TimeoutOf(string generator) =>
        Control.For(generator).RetryRound is > 0 and var retry ? Control.Events[retry - 1].TimeoutSeconds : null;
}
