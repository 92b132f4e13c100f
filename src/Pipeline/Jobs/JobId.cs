using VmDataset.Pipeline.Parameters;
using VmDataset.Pipeline.Videos;

namespace VmDataset.Pipeline.Jobs;

/// <summary>Job ids sort by time and are easy to read out: <c>20261123-130501-9f3c2a7b</c> (UTC, then 32 random bits).</summary>
public static partial class JobId
{
    public const string Pattern = "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$";

    private const string PreviewPrefix = "preview-";

    public const string Rule = "1 to 64 letters, digits, '_' or '-', beginning with a letter or digit";

    public static string New(DateTimeOffset now) => string.Create(CultureInfo.InvariantCulture,
        $"{now.UtcDateTime:yyyyMMdd-HHmmss}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}");

    /// <summary>The id of messages that carry none. Seed, parameters and the videos' form are part of it: the same range with others is
    /// other data, and under one id it would count as done.</summary>
    public static string AdHoc(int seed, ParameterSet? parameters = null, VideoSpec? video = null) => string.Create(
        CultureInfo.InvariantCulture,
        $"adhoc-{seed}{(parameters is null ? "" : "-" + parameters.Hash[..8])}{(video is null ? "" : "-video-" + video.Hash)}");

    /// <summary>The id of a job that shows what a generator draws: it follows from what is shown.</summary>
    /// <param name="edition">1, and one more after each time that it was deleted.</param>
    /// <param name="shown">Generator, version, seed and whatever else makes a difference.</param>
    public static string Preview(int edition, params IReadOnlyList<object> shown) => string.Create(CultureInfo.InvariantCulture,
        $"{PreviewPrefix}{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', shown))))[..16]}{(edition == 1 ? "" : $"-{edition}")}");

    public static bool IsPreview(string id) => id.StartsWith(PreviewPrefix, StringComparison.Ordinal);

    public static bool IsValid(string id) => Form().IsMatch(id);

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
