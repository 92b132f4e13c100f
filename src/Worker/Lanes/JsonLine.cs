namespace VmDataset.Worker.Lanes;

internal static class JsonLine
{
    /// <summary>The value as one line of JSON, line feed included.</summary>
    public static byte[] Of<T>(T value) => [.. JsonSerializer.SerializeToUtf8Bytes(value, WireJson.Options), (byte)'\n'];
}
