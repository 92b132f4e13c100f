namespace VmDataset.Pipeline.Exports;

/// <summary>What was asked for: the same options are the same export.</summary>
/// <param name="Profile">The name of its profile.</param>
/// <param name="BasePath">The folder of the dataset where its program runs; null where paths are relative to that folder.</param>
/// <param name="Split">The split whose samples are in it; null for all samples of the dataset.</param>
public sealed record ExportOptions(string Profile, string? BasePath = null, string? Split = null)
{
    /// <summary>Letters of a base path at most.</summary>
    public const int MaxBasePath = 1_024;

    /// <summary>Names the export within its job, in keys and paths: the profile, the split after an underscore, and eight digits of the
    /// base path's hash after a hyphen, where there are such.</summary>
    [JsonIgnore]
    public string Id => BasePath is null ? ProfileAndSplit
        : $"{ProfileAndSplit}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(BasePath)))[..8]}";

    /// <summary>The folder of its files, below the dataset's.</summary>
    [JsonIgnore]
    public string Folder => $"exports/{Id}";

    private string ProfileAndSplit => Split is null ? Profile : $"{Profile}_{Split}";

    public static bool IsBasePath(string text) => text.Length is > 0 and <= MaxBasePath && !text.Any(char.IsControl);
}
