namespace VmDataset.Pipeline.Storage;

/// <summary>Logs, once per key, objects that cannot be read or are not this product's. Every reader skips them.</summary>
public sealed partial class RecordWarnings(ILogger<RecordWarnings> logger)
{
    /// <summary>How many keys are logged; a store full of such objects would otherwise fill memory and log.</summary>
    public const int MaxKeys = 1_000;

    private readonly ConcurrentDictionary<string, byte> _logged = new(StringComparer.Ordinal);
    private int _full;

    /// <param name="key">The record.</param>
    /// <param name="reason">Why it cannot be read.</param>
    public void Unreadable(string key, string reason)
    {
        if (IsNew(key)) Log.Unreadable(logger, key, reason);
    }

    /// <param name="key">An object below a prefix of this product whose name is none that it gives.</param>
    public void Foreign(string key)
    {
        if (IsNew(key)) Log.Foreign(logger, key);
    }

    private bool IsNew(string key)
    {
        if (_logged.ContainsKey(key)) return false;
        if (_logged.Count < MaxKeys) return _logged.TryAdd(key, 0);
        if (Interlocked.Exchange(ref _full, 1) == 0) Log.Full(logger, MaxKeys);
        return false;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The record {Key} cannot be read: {Reason}")]
        public static partial void Unreadable(ILogger logger, string key, string reason);

        [LoggerMessage(2, LogLevel.Warning, "The object {Key} is none of this product's and is passed over")]
        public static partial void Foreign(ILogger logger, string key);

        [LoggerMessage(3, LogLevel.Warning, "More than {Max} objects cannot be read or are foreign; further ones are not named")]
        public static partial void Full(ILogger logger, int max);
    }
}
