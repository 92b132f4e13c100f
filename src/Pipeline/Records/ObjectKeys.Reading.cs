using System.Diagnostics.CodeAnalysis;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Storage;

namespace VmDataset.Pipeline.Records;

/// <summary>The half that reads keys.</summary>
public static partial class ObjectKeys
{
    private const string Json = ".json";
    private const string UnreadableSuffix = ".unreadable";
    private const int CountedDownDigits = 15;
    private const int NumberDigits = 6;

    /// <summary>
    /// Whether an object is a record, on which the store relies after a power cut. Files of datasets have checksums and can be made
    /// again, and the rest is of the moment.
    /// </summary>
    public static bool IsRecord(string key)
    {
        if (key.StartsWith("health/", StringComparison.Ordinal)) return false;
        if (!key.StartsWith(JobsPrefix, StringComparison.Ordinal)) return true;
        var end = key.IndexOf('/', JobsPrefix.Length);
        return end < 0 || !key.AsSpan(end + 1).StartsWith("data/");
    }

    public static bool TryParseSubmitted(string key, [NotNullWhen(true)] out string? jobId)
    {
        jobId = null;
        var name = key.AsSpan(SubmittedPrefix.Length);
        return name.Length > CountedDownDigits && name[CountedDownDigits] == '-' && IsDigits(name[..CountedDownDigits])
            && TryParseJobId(key, SubmittedPrefix.Length + CountedDownDigits + 1, out jobId);
    }

    /// <summary>Reads the key of a marker below <paramref name="prefix"/> that is named after its job.</summary>
    public static bool TryParsePending(string key, string prefix, [NotNullWhen(true)] out string? jobId) =>
        TryParseJobId(key, prefix.Length, out jobId);

    public static bool TryParseOpen(string key, out long samples, [NotNullWhen(true)] out string? jobId)
    {
        (samples, jobId) = (0, null);
        var start = key.LastIndexOf('/') + 1;
        var dash = key.IndexOf('-', start);
        return dash > start && long.TryParse(key.AsSpan(start..dash), NumberStyles.None, CultureInfo.InvariantCulture, out samples)
            && TryParseJobId(key, dash + 1, out jobId);
    }

    /// <summary>The id within the key of an API key; whether it has the form of one is not said.</summary>
    public static bool TryParseKey(string key, [NotNullWhen(true)] out string? keyId)
    {
        var isKey = key.Length > KeyPrefix.Length + Json.Length && key.EndsWith(Json, StringComparison.Ordinal);
        keyId = isKey ? key[KeyPrefix.Length..^Json.Length] : null;
        return isKey;
    }

    public static bool TryParseControl(string key, string jobId, out int number)
    {
        number = 0;
        var name = key.AsSpan(ControlPrefix(jobId).Length);
        return name.Length == NumberDigits + Json.Length && name.EndsWith(Json) && IsDigits(name[..NumberDigits])
            && int.TryParse(name[..NumberDigits], NumberStyles.None, CultureInfo.InvariantCulture, out number) && number > 0;
    }

    public static bool TryParseSent(string key, out int generation, out int batches)
    {
        var name = key.AsSpan(key.LastIndexOf('/') + 1);
        var dash = name.IndexOf('-');
        (generation, batches) = (0, 0);
        return dash > 0
            && int.TryParse(name[..dash], NumberStyles.None, CultureInfo.InvariantCulture, out generation)
            && int.TryParse(name[(dash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out batches);
    }

    /// <summary>The generation of a key of <see cref="Dead"/>; 0 for any other.</summary>
    public static int GenerationOfDead(string jobId, string key)
    {
        var rest = key.AsSpan(DeadPrefix(jobId).Length);
        var slash = rest.IndexOf('/');
        return slash > 0 && int.TryParse(rest[..slash], NumberStyles.None, CultureInfo.InvariantCulture, out var generation) ? generation
            : 0;
    }

    /// <summary>The event that a key below <see cref="WebhookPrefix"/> belongs to; false for one that is none of the three kinds.</summary>
    public static bool TryParseWebhook(string jobId, string key, [NotNullWhen(true)] out string? eventId)
    {
        var rest = key[WebhookPrefix(jobId).Length..];
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        eventId = slash > 0 && rest[(slash + 1)..] is var name
            && (name == "body.json" || (name.Length > 3 && IsDigits(name.AsSpan(0, 2)) && name[2..] is "-claim.json" or "-result.json"))
                ? rest[..slash] : null;
        return eventId is not null;
    }

    /// <summary>Reads <c>…/&lt;generator&gt;/&lt;start&gt;-&lt;count&gt;.json</c>; false for any other key.</summary>
    public static bool TryParseRange(string key, out string generator, out SampleRange range) =>
        TryParseRange(key, Json, out generator, out range);

    /// <summary>Reads what LIST shows of a manifest; false for one that is too short to be one, and any other object.</summary>
    public static bool TryParseDone(ObjectEntry entry, out string generator, out SampleRange range) =>
        TryParseRange(entry.Key, Json, out generator, out range) && entry.Size >= Manifest.MinBytes;

    /// <summary>Reads what LIST shows of a manifest that is too short to be one, or was found unreadable and put aside.</summary>
    public static bool TryParseUnreadable(ObjectEntry entry, out string generator, out SampleRange range) =>
        TryParseRange(entry.Key, UnreadableSuffix, out generator, out range)
        || (TryParseRange(entry.Key, Json, out generator, out range) && entry.Size < Manifest.MinBytes);

    private static bool TryParseRange(string key, string suffix, out string generator, out SampleRange range)
    {
        generator = "";
        range = default;
        var slash = key.LastIndexOf('/');
        var before = slash < 1 ? -1 : key.LastIndexOf('/', slash - 1);
        if (before < 0 || !key.AsSpan(slash).EndsWith(suffix)
            || !SampleRange.TryParseKey(key.AsSpan(slash + 1, key.Length - slash - 1 - suffix.Length), out range))
        {
            return false;
        }

        generator = key[(before + 1)..slash];
        return true;
    }

    private static bool TryParseJobId(string key, int start, [NotNullWhen(true)] out string? jobId)
    {
        jobId = key.Length > start && JobId.IsValid(key[start..]) ? key[start..] : null;
        return jobId is not null;
    }

    private static bool IsDigits(ReadOnlySpan<char> text) => !text.ContainsAnyExceptInRange('0', '9');
}
