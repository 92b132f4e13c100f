namespace VmDataset.Pipeline.Storage;

/// <summary>What a look at a JSON record in the store gave: its value, nothing at all, or something that cannot be read.</summary>
/// <param name="Key">Where it lies.</param>
/// <param name="Value">The record; null if it is absent or unreadable.</param>
/// <param name="Unreadable">Why it cannot be read; null if it can, or is absent.</param>
/// <param name="LastModified">When it was written; null if it is absent.</param>
public sealed record StoredRecord<T>(string Key, T? Value, string? Unreadable, DateTimeOffset? LastModified)
    where T : class
{
    public bool IsAbsent => LastModified is null;

    /// <summary>The same record, unreadable if a rule of its own does not hold.</summary>
    /// <param name="isRight">The rule.</param>
    /// <param name="reason">What is wrong if it does not hold.</param>
    public StoredRecord<T> Where(Func<T, bool> isRight, string reason) =>
        Value is { } value && !isRight(value) ? this with { Value = null, Unreadable = reason } : this;

    /// <summary>The value, or null; what cannot be read is told and passed over.</summary>
    public T? OrWarn(RecordWarnings? warnings)
    {
        if (Unreadable is { } reason) warnings?.Unreadable(Key, reason);
        return Value;
    }
}

/// <summary>A record is there and cannot be read: it is empty or cut short, as after a power cut, or is no record of ours.</summary>
public sealed class UnreadableRecordException(string key, string reason, Exception? inner = null)
    : Exception($"The record '{key}' cannot be read: {reason}", inner)
{
    public string Key { get; } = key;
}
