using VmDataset.Pipeline.Ranges;

namespace VmDataset.Pipeline.Jobs;

/// <summary>A job's state after the events of its log. A generation is the number of the event that sent the job's messages (0 for the
/// submission). A message of an earlier generation is stale and dropped on receipt, since its work has been sent again.</summary>
public sealed class JobControlState
{
    private readonly Dictionary<string, GeneratorControl> _exceptions = new(StringComparer.Ordinal);
    private GeneratorControl _rest;

    private JobControlState(IReadOnlyList<JobEvent> events, int lastNumber, string? unreadable) =>
        (Events, LastNumber, Unreadable) = (events, lastNumber, unreadable);

    public static JobControlState None { get; } = new([], 0, null);

    /// <summary>In order; without those that cannot be read.</summary>
    public IReadOnlyList<JobEvent> Events { get; }

    /// <summary>The number of the last event, readable or not; 0 if there is none.</summary>
    public int LastNumber { get; }

    /// <summary>The event that cannot be read, and why; null if all can. The job's state is unknown then: nothing more is done for it, and
    /// it can only be deleted.</summary>
    public string? Unreadable { get; }

    /// <summary>The event that paused the job; null while it goes on.</summary>
    public JobEvent? Pause { get; private set; }

    public bool Paused => Pause is not null;

    public bool Deleted { get; private set; }

    /// <summary>The versions of generators that were drawn beside those the job was submitted with.</summary>
    public IEnumerable<JobEvent> Changes => Events.Where(static each => each.Type == JobEventType.GeneratorChanged);

    /// <summary>Why work that is not taken up again was stopped; null if none was, or nobody said.</summary>
    public string? Reason => _exceptions.Values.Prepend(_rest).Select(static generator => generator.Halt?.Reason)
        .FirstOrDefault(static reason => reason is not null);

    /// <param name="events">From the first on, in order; without those that cannot be read.</param>
    /// <param name="lastNumber">The number of the last, readable or not; null if all can be read.</param>
    /// <param name="unreadable">Which cannot be read, and why; null if all can.</param>
    public static JobControlState Of(IReadOnlyList<JobEvent> events, int? lastNumber = null, string? unreadable = null)
    {
        var control = new JobControlState(events, lastNumber ?? events.Count, unreadable);
        foreach (var each in events) control.Apply(each);
        return control;
    }

    /// <summary>The same log with one event more.</summary>
    public JobControlState With(JobEvent added) => Of([.. Events, added], added.Number, Unreadable);

    public GeneratorControl For(string generator) => _exceptions.GetValueOrDefault(generator, _rest);

    /// <summary>Whether this message is not to be processed, or not now. For a message with a generation this is right even if the log was
    /// read before its newest events: messages sent after a halt have a later generation. One without needs a fresh reading.</summary>
    public bool Drops(BatchMessage message)
    {
        // Whether the message is stale cannot be told; what is missing is sent anew once the log is mended.
        if (Unreadable is not null) return true;
        var generator = For(message.Name);
        if (message.Generation is not { } generation) return Deleted || Paused || generator.Halt is not null;
        return Deleted || generation < generator.Generation || generation < generator.Halt?.Number || generation < Pause?.Number;
    }

    /// <summary>Whether a range that was given up still counts as such: a retry since then takes it up again.</summary>
    public bool IsCounted(RangeEntry dead)
    {
        var generator = For(dead.Generator);
        return dead.Generation >= generator.RetryGeneration && generator.Reopened?.Any(each => each.Includes(dead)) is not true;
    }

    /// <summary>The generations whose given-up ranges count.</summary>
    public IEnumerable<int> GenerationsSinceRetry(string generator)
    {
        var first = For(generator).RetryGeneration;
        return Events.Where(each => each.Number > first && (each.Type is JobEventType.Resumed or JobEventType.Checked
                || (each.Ranges is not null && each.Generator == generator)))
            .Select(static each => each.Number).Prepend(first);
    }

    private void Apply(JobEvent each)
    {
        switch (each.Type)
        {
            case JobEventType.Paused:
                Pause = each;
                break;
            case JobEventType.Resumed:
                Pause = null;
                Change(null, generator => generator with { Generation = each.Number });
                break;
            case JobEventType.Cancelled:
                Pause = null;
                Change(null, generator => generator with { Halt = each });
                break;
            case JobEventType.Stopped:
                if (each.Generator is null) Pause = null;
                Change(each.Generator, generator => generator with { Halt = generator.Halt ?? each });
                break;
            case JobEventType.Retried when each.Ranges is { } ranges:
                Pause = null;
                Change(each.Generator, generator => generator.With(new ReopenedRanges(each.Number, RangeSet.Of(ranges))));
                break;
            case JobEventType.Retried:
                Pause = null;
                Change(each.Generator, before => before with
                {
                    Generation = each.Number,
                    RetryGeneration = each.Number,
                    Halt = null,
                    Reopened = null,
                });
                break;
            case JobEventType.Checked:
                foreach (var check in each.Checks!) Change(check.Generator, generator => generator.With(check, each.Number));
                break;
            case JobEventType.GeneratorChanged:
                // For whoever looks at the job; it changes nothing.
                break;
            case JobEventType.Deleted:
                Deleted = true;
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(each), each.Type, "Unknown type.");
        }
    }

    private void Change(string? only, Func<GeneratorControl, GeneratorControl> change)
    {
        if (only is not null)
        {
            _exceptions[only] = change(For(only));
            return;
        }

        _rest = change(_rest);
        foreach (var (name, generator) in _exceptions) _exceptions[name] = change(generator);
    }
}

/// <param name="Generation">The generation of its valid messages.</param>
/// <param name="RetryGeneration">Ranges given up in an earlier generation count as missing again.</param>
/// <param name="Halt">The event that ended the work on it; null while it goes on.</param>
/// <param name="Checks">In a unique job, its checks in order; null before the first.</param>
/// <param name="Reopened">What retries of ranges took up again since <paramref name="RetryGeneration"/>; null before the first.</param>
public readonly record struct GeneratorControl(int Generation, int RetryGeneration, JobEvent? Halt,
    IReadOnlyList<DuplicateCheck>? Checks = null, IReadOnlyList<ReopenedRanges>? Reopened = null)
{
    public DuplicateCheck? LastCheck => Checks?[^1];

    /// <summary>The number of the last retry, of all that was missing or of ranges; 0 before the first.</summary>
    public int LastRetry => Reopened?[^1].Number ?? RetryGeneration;

    internal GeneratorControl With(DuplicateCheck check, int number) =>
        this with { Generation = check.Settled ? Generation : number, Checks = [.. Checks ?? [], check] };

    internal GeneratorControl With(ReopenedRanges ranges) =>
        this with { Generation = ranges.Number, Reopened = [.. Reopened ?? [], ranges] };
}

/// <summary>Given-up ranges that a retry took up again.</summary>
/// <param name="Number">The retry's event: what is given up from then on counts.</param>
public sealed record ReopenedRanges(int Number, RangeSet Ranges)
{
    internal bool Includes(RangeEntry dead) => dead.Generation < Number && Ranges.Overlaps(dead.Range);
}
