using VmDataset.Pipeline.Ranges;

namespace VmDataset.Pipeline.Jobs;

/// <summary>One sending of a job's messages: the submission, a resumption or a retry. Its batches have one fixed order, so that a number
/// says how far it is.</summary>
public sealed record DispatchGeneration
{
    private readonly Lazy<IReadOnlyList<(JobGenerator Generator, IReadOnlyList<SampleRange> Batches)>> _parts;

    private DispatchGeneration(Job job, JobEvent? cause, JobControlState control)
    {
        (Job, Cause, Control) = (job, cause, control);
        _parts = new(() => [.. Parts()]);
    }

    public Job Job { get; }

    /// <summary>The event that asked for it; null for the submission.</summary>
    public JobEvent? Cause { get; }

    /// <summary>The job's log when the generation was found to be current.</summary>
    public JobControlState Control { get; }

    public int Number => Cause?.Number ?? 0;

    public DateTimeOffset At => Cause?.At ?? Job.CreatedAt;

    /// <summary>Whether what was given up stays so.</summary>
    public bool KeepsGivenUp => Cause is { Type: JobEventType.Resumed } or { Ranges: not null };

    public long TotalBatches => _parts.Value.Sum(static part => (long)part.Batches.Count);

    /// <summary>The generations whose messages are to be worked on now.</summary>
    public static IReadOnlyList<DispatchGeneration> Current(Job job, JobControlState control) =>
        control.Paused || control.Deleted || control.Unreadable is not null ? []
            : [.. job.Generators.Select(generator => control.For(generator.Name)).Where(static generator => generator.Halt is null)
                .Select(static generator => generator.Generation).Distinct().Order()
                .Select(number => new DispatchGeneration(job, number == 0 ? null : control.Events[number - 1], control))];

    /// <summary>Whether the generation is still the newest one of this generator, and the generator's work goes on.</summary>
    public bool IsCurrent(JobControlState control, string generator) =>
        !control.Paused && !control.Deleted && control.Unreadable is null && control.For(generator) is { Halt: null } now
            && now.Generation == Number;

    /// <summary>Messages of whole batches, in order. Generators take turns: each one's first results, or failures, appear early.</summary>
    public IEnumerable<BatchMessage> Batches() =>
        from turn in Enumerable.Range(0, _parts.Value.Select(static part => part.Batches.Count).DefaultIfEmpty().Max())
        from part in _parts.Value
        where turn < part.Batches.Count
        select BatchMessage.For(Job, part.Generator, part.Batches[turn], Number) with { TimeoutSeconds = TimeoutOf(part.Generator.Name) };

    private IEnumerable<(JobGenerator, IReadOnlyList<SampleRange>)> Parts()
    {
        if (Cause is { Type: JobEventType.Checked, Checks: { } checks })
        {
            return from check in checks
                   where !check.Settled
                   select (Job.Generators.First(generator => generator.Name == check.Generator),
                       (IReadOnlyList<SampleRange>)[.. Job.Further(check)]);
        }

        // As the log was then: what came later must not move the places that check-points count.
        var then = JobControlState.Of([.. Control.Events.Take(Number)]);
        return from generator in Job.Generators
               where Cause?.Generator is null || Cause.Generator == generator.Name
               select (generator, (IReadOnlyList<SampleRange>)[.. Job.BatchesOf(generator, then.For(generator.Name))]);
    }

    // A resumption goes on as the retry before it began.
    private int? TimeoutOf(string generator) =>
        (Control.For(generator).LastRetry is > 0 and var retry ? Control.Events[retry - 1].TimeoutSeconds : null)
            ?? Job.TimeoutSeconds;
}
