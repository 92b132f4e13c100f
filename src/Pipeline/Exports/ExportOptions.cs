using VmDataset.Pipeline.Jobs;

namespace VmDataset.Pipeline.Exports;

/// <summary>What was asked for: the same options are the same export.</summary>
/// <param name="Profile">The name of its profile.</param>
/// <param name="BasePath">The folder of the dataset where its program runs; null where paths are relative to that folder.</param>
/// <param name="Split">The split whose samples are in it; null for all samples of the dataset.</param>
/// <param name="Shards">Which samples share its shards; null where it names files.</param>
/// <param name="ShardBytes">Bytes of a shard at most, one of a single larger sample apart; null where it names files.</param>
/// <param name="Seed">The seed of its shuffle; null where it names files.</param>
public sealed record ExportOptions(string Profile, string? BasePath = null, string? Split = null, ShardOrder? Shards = null,
    long? ShardBytes = null, int? Seed = null)
{
    /// <summary>Letters of a base path at most.</summary>
    public const int MaxBasePath = 1_024;

    /// <summary>Bytes of a shard that may be asked for at least.</summary>
    public const long MinShardBytes = 65_536;

    /// <summary>Bytes of a shard that may be asked for at most: an MDS shard counts its bytes in 32 bits.</summary>
    public const long MaxShardBytes = 4_000_000_000;

    /// <summary>Names the export within its job, in keys and paths: the profile, the split after an underscore, and eight digits of the
    /// hash of a base path, or of shards other than the profile's defaults, after a hyphen, where there are such.</summary>
    [JsonIgnore]
    public string Id => Other is not { } other ? ProfileAndSplit
        : $"{ProfileAndSplit}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(other)))[..8]}";

    /// <summary>The folder of its files, below the dataset's.</summary>
    [JsonIgnore]
    public string Folder => $"exports/{Id}";

    /// <summary>What the export's program is told; <c>FOLDER</c> stands for the dataset's folder unless there is a base path.</summary>
    public string Usage(Job job)
    {
        // A reader takes the shards of one split; MDS has a folder for each generator too.
        var split = Split ?? (job.SplitNames() is [] ? null : "SPLIT");
        var part = Profile == ExportProfile.Mds
            ? string.Join('/', new[] { split, Shards == ShardOrder.ByGenerator ? "GENERATOR" : null }.OfType<string>())
            : split is null ? "" : $"{split}-";
        return ExportProfile.Find(Profile)?.Usage.Replace("EXPORT/PART", $"EXPORT/{part}", StringComparison.Ordinal)
            .Replace("EXPORT", Folder, StringComparison.Ordinal)
            .Replace("FOLDER", BasePath?.TrimEnd('/') ?? "FOLDER", StringComparison.Ordinal) ?? "";
    }

    /// <summary>Whether a message's options are some that a request can have.</summary>
    [JsonIgnore]
    public bool AreValid => ExportProfile.Find(Profile) is { } profile && (BasePath is not { } path || IsBasePath(path))
        && (Split is not { } split || SplitPlan.IsName(split))
        && (profile.ShardBytes is null
            ? (Shards, ShardBytes, Seed) is (null, null, null)
            : Shards is not null && Seed >= 0 && ShardBytes is >= MinShardBytes and <= MaxShardBytes);

    private string ProfileAndSplit => Split is null ? Profile : $"{Profile}_{Split}";

    private string? Other => Shards is not { } shards ? BasePath
        : this == Default(Profile) with { Split = Split } ? null
        : string.Create(CultureInfo.InvariantCulture, $"{shards} {ShardBytes} {Seed}");

    /// <summary>The options of a request that names the profile alone.</summary>
    public static ExportOptions Default(string profile) => ExportProfile.Find(profile)?.ShardBytes is not { } bytes
        ? new ExportOptions(profile) : new ExportOptions(profile, Shards: ShardOrder.Mixed, ShardBytes: bytes, Seed: 0);

    public static bool IsBasePath(string text) => text.Length is > 0 and <= MaxBasePath && !text.Any(char.IsControl);
}
