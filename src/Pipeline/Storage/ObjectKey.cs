namespace VmDataset.Pipeline.Storage;

/// <summary>The rule that every object key keeps, in whatever store.</summary>
public static class ObjectKey
{
    public static bool IsValid(string key) => key.Length is > 0 and <= 1024 && !key.Contains('\0', StringComparison.Ordinal)
        && Array.TrueForAll(key.Split('/'), static part => part is not ("" or "." or ".."));

    /// <exception cref="ArgumentException">A part between <c>/</c> is empty, <c>.</c> or <c>..</c>, or the key is too long.</exception>
    public static string Check(string key) => IsValid(key) ? key
        : throw new ArgumentException($"'{key}' is not an object key: parts between '/' may not be empty, '.' or '..'.", nameof(key));

    /// <exception cref="ArgumentException">It does not end with <c>/</c>, or what comes before is no key.</exception>
    public static string CheckPrefix(string prefix)
    {
        if (!prefix.EndsWith('/')) throw new ArgumentException($"A list prefix ends with '/'; '{prefix}' does not.", nameof(prefix));
        Check(prefix[..^1]);
        return prefix;
    }
}
