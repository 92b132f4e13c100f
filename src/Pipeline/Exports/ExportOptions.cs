namespace VmDataset.Pipeline.Exports;

/// <summary>What was asked for: the same options are the same export.</summary>
/// <param name="Profile">The name of its profile.</param>
/// <param name="BasePath">The folder of the dataset where its program runs; null where paths are relative to that folder.</param>
public sealed record ExportOptions(string Profile, string? BasePath = null)
{
    /// <summary>Letters of a base path at most.</summary>
    public const int MaxBasePath = 1_024;

    /// <summary>Names the export within its job, in keys and paths: the profile, and where there is a base path eight digits of its
    /// hash.</summary>
    [JsonIgnore]
    public string Id => BasePath is null ? Profile
        : $"{Profile}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(BasePath)))[..8]}";

    /// <summary>The folder of its files, below the dataset's.</summary>
    [JsonIgnore]
    public string Folder => $"exports/{Id}";

    public static bool IsBasePath(string text) => text.Length is > 0 and <= MaxBasePath && !text.Any(char.IsControl);
}
