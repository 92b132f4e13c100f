namespace VmDataset.Pipeline.Storage;

/// <summary>The result of reading a JSON record: its value, its absence, or the reason that it cannot be read.</summary>
/// <param name="Value">The record; null if it is absent or unreadable.</param>
/// <param name="Unreadable">Why it cannot be read; null if it can, or is absent.</param>
/// <param name="LastModified">When it was written; null if it is absent.</param>
public sealed record StoredRecord<T>(string Key, T? Value, string? Unreadable, DateTimeOffset? LastModified)
    where T : class
{
    public bool IsAbsent => LastModified is null;

    /// <summary>The same record, unreadable if a rule of its own does not hold.</summary>
    public StoredRecord<T> Where(Func<T, bool> isRight, string reason) =>
        Value is { } value && !isRight(value) ? this with { Value = null, Unreadable = reason } : this;

    /// <summary>The value, or null; a record that cannot be read is logged.</summary>
    public T? OrWarn(RecordWarnings? warnings)
    {
        if (Unreadable is { } reason) warnings?.Unreadable(Key, reason);
        return Value;
    }
}

/// <summary>A record is there and cannot be read: it is empty or cut short, as after a power cut, or is no record of ours.</summary>
public sealed class UnreadableRecordException(string key, string reason)
    : Exception($"The record '{key}' cannot be read: {reason}");
