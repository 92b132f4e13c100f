namespace VmDataset.ControlPlane.Reconciliation;

/// <summary>
/// What fails again and again, each by its name: the same cause is told once until it has passed, and every try waits longer than the
/// one before.
/// </summary>
internal sealed class RepeatedFailures
{
    private static readonly BackOff Pauses = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
    private readonly ConcurrentDictionary<string, (string Cause, int Failures)> _failing = new(StringComparer.Ordinal);

    /// <summary>Notes a failure.</summary>
    /// <returns>Whether the cause is another than the last time, and how long to wait before the next try.</returns>
    public (bool IsNew, TimeSpan Pause) Add(string name, Exception exception)
    {
        var cause = $"{exception.GetType()} {exception.Message}";
        var isNew = !_failing.TryGetValue(name, out var last) || last.Cause != cause;
        _failing[name] = (cause, last.Failures + 1);
        return (isNew, Pauses.After(last.Failures + 1));
    }

    /// <summary>Notes that it went well, or is not tried any more.</summary>
    public void Pass(string name) => _failing.TryRemove(name, out _);
}
