using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Json;
using VmDataset.Pipeline.Storage;

namespace VmDataset.Pipeline.Records;

/// <summary>
/// Each job's log of events: numbered objects, each created only if it is not there. So all who write agree on one order, whoever
/// reads the names knows all, and nothing is ever changed or lost.
/// </summary>
public sealed class JobEventLog(IObjectStore store, TimeProvider time, RecordWarnings? warnings = null)
{
    private const int CacheSize = 10_000;

    // An event never changes, so a copy cannot be stale.
    private readonly ConcurrentDictionary<string, JobEvent> _events = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (long At, Task<JobControlState> Control)> _recent = new(StringComparer.Ordinal);

    public async Task<JobControlState> ReadAsync(string jobId, CancellationToken cancellationToken = default)
    {
        List<JobEvent> events = [];
        var last = 0;
        string? unreadable = null;
        await foreach (var entry in store.ListAsync(ObjectKeys.ControlPrefix(jobId), cancellationToken: cancellationToken))
        {
            if (!ObjectKeys.TryParseControl(entry.Key, jobId, out var number))
            {
                warnings?.Foreign(entry.Key);
                continue;
            }

            // What was done is known in full or not at all: each event stands on those before it.
            if (number != last + 1) unreadable ??= $"The record '{ObjectKeys.Control(jobId, last + 1)}' is missing.";
            last = number;
            var read = await EventAsync(entry.Key, number, cancellationToken);
            if (read.OrWarn(warnings) is { } each) events.Add(each);
            else unreadable ??= read.Unreadable is { } reason ? $"The record '{entry.Key}' cannot be read: {reason}"
                : $"The record '{entry.Key}' is missing.";
        }

        if (unreadable is not null) return JobControlState.Incomplete(events, last, unreadable);
        return events.Count == 0 ? JobControlState.None : JobControlState.Of(events);
    }

    /// <summary>
    /// What was read in this process no longer than <paramref name="maxAge"/> ago, else a fresh reading: many messages of a job cost one.
    /// </summary>
    public Task<JobControlState> ReadRecentAsync(string jobId, TimeSpan maxAge)
    {
        if (_recent.Count > CacheSize) _recent.Clear();
        return _recent.AddOrUpdate(jobId,
            static (id, log) => (log.Now, log.ReadAsync(id)),
            (id, last, log) => last.Control.IsFaulted || log.Elapsed(last.At) >= maxAge ? (log.Now, log.ReadAsync(id)) : last,
            this).Control;
    }

    /// <summary>
    /// Adds an event that is decided on what the log says. If somebody else was first, the decision is made anew.
    /// </summary>
    /// <param name="jobId">Whose log.</param>
    /// <param name="decide">Gives the event, whose number is set here, or null if there is nothing to add.</param>
    /// <param name="cancellationToken">Stops trying.</param>
    /// <returns>The log with the event, and the event; or the log on which it was decided to add nothing.</returns>
    public async Task<(JobControlState Control, JobEvent? Added)> AppendAsync(
        string jobId, Func<JobControlState, JobEvent?> decide, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var control = await ReadAsync(jobId, cancellationToken);
            if (decide(control) is not { } wanted) return (control, null);
            var added = wanted with { Number = control.LastNumber + 1 };
            if (await store.PutJsonAsync(ObjectKeys.Control(jobId, added.Number), added, ifAbsent: true, cancellationToken)
                // A write whose answer was lost is repeated below this call and then meets itself.
                || Same(added, (await store.TryGetJsonAsync<JobEvent>(ObjectKeys.Control(jobId, added.Number), cancellationToken)).Value))
            {
                _recent.TryRemove(jobId, out _);
                return (control.With(added), added);
            }
        }
    }

    /// <summary>An event of now; its number comes with <see cref="AppendAsync"/>.</summary>
    public JobEvent Event(JobEventType verb) => new() { Number = 0, Type = verb, At = time.GetUtcNow() };

    // Not ==, which compares the list of checks by its address.
    private static bool Same(JobEvent added, JobEvent? stored) =>
        stored is not null && JsonSerializer.Serialize(stored, WireJson.Options) == JsonSerializer.Serialize(added, WireJson.Options);

    private long Now => time.GetTimestamp();

    private TimeSpan Elapsed(long since) => time.GetElapsedTime(since);

    private async Task<StoredRecord<JobEvent>> EventAsync(string key, int number, CancellationToken cancellationToken)
    {
        if (_events.TryGetValue(key, out var known)) return new StoredRecord<JobEvent>(key, known, null, known.At);
        var read = (await store.TryGetJsonAsync<JobEvent>(key, cancellationToken))
            .Where(each => each.Number == number, "its number is not that of its name.")
            .Where(static each => each.Type != JobEventType.Checked || each.Checks is not null, "it lacks its checks.");
        if (read.Value is null) return read;
        if (_events.Count >= CacheSize) _events.Clear();
        _events[key] = read.Value;
        return read;
    }
}
