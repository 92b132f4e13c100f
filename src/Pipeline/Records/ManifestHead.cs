using VmDataset.Pipeline.Json;
using VmDataset.Pipeline.Storage;

namespace VmDataset.Pipeline.Records;

/// <summary>
/// The figures of a manifest, which stand before its samples: reading them costs some kB, however many samples there are.
/// </summary>
public sealed record ManifestHead
{
    private const int MaxBytes = 16 << 10;
    private const string Samples = "samples";

    public required string Generator { get; init; }

    public required int NumSamples { get; init; }

    public required double Seconds { get; init; }

    public double? CpuSeconds { get; init; }

    public double? MaxRssMb { get; init; }

    public required long Files { get; init; }

    public required long Bytes { get; init; }

    /// <summary>Reads the beginning of a manifest and changes nothing; null if it is gone or cannot be read.</summary>
    public static async Task<ManifestHead?> ReadAsync(IObjectStore store, string key, CancellationToken cancellationToken)
    {
        return await store.GetStartAsync(key, MaxBytes, cancellationToken) is { } start ? Parse(start) : null;
    }

    /// <summary>The head of a manifest's JSON, which may be cut off behind it; null if there is none.</summary>
    public static ManifestHead? Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json, isFinalBlock: false, default);
            while (reader.Read())
            {
                if (reader is not { CurrentDepth: 1, TokenType: JsonTokenType.PropertyName } || !reader.ValueTextEquals(Samples)) continue;
                // All before the samples, closed as an object.
                byte[] head = [.. json[..(int)reader.TokenStartIndex].TrimEnd(", \r\n"u8), (byte)'}'];
                return JsonSerializer.Deserialize<ManifestHead>(head, WireJson.Options);
            }
        }
        catch (JsonException)
        {
            // As good as none.
        }

        return null;
    }
}
