namespace VmDataset.Bench.Scale.S3;

/// <param name="Key">The object's key.</param>
/// <param name="Size">Bytes.</param>
/// <param name="At">When it was written. S3 knows whole seconds, as its headers do.</param>
/// <param name="Open">Opens its bytes, which may be made then.</param>
internal sealed record S3Object(string Key, long Size, DateTimeOffset At, Func<Stream> Open)
{
    /// <summary>
    /// Distinguishes what was written under the key one after the other. The SDK compares the bytes with an ETag as an MD5 unless it is
    /// that of a multipart upload.
    /// </summary>
    public string ETag { get; } = $"\"{(uint)Key.GetHashCode(StringComparison.Ordinal):x8}{At.UtcTicks:x16}-1\"";

    public static S3Object Of(string key, byte[] content, DateTimeOffset at) =>
        new(key, content.Length, at, () => new MemoryStream(content, writable: false));
}
