using VmDataset.Cli.Api;

namespace VmDataset.Cli.Profiles;

/// <summary>An API by name.</summary>
internal sealed record Profile
{
    public string? Url { get; init; }

    public string? ApiKey { get; init; }

    /// <summary>Whether requests are signed; absent to tell by the host.</summary>
    public bool? Sign { get; init; }
}

/// <summary>The user's profiles: a JSON object of them, by name.</summary>
internal static class ProfileFile
{
    public const string Default = "default";

    private const string Example = """{"prod": {"url": "https://api.example.org", "api_key": "vmd_..."}}""";

    private static readonly Lazy<Dictionary<string, Profile>> Read = new(ReadFile);

    public static string Path => System.IO.Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify), "vmds", "profiles.json");

    /// <exception cref="UsageException">The file cannot be read.</exception>
    public static Profile? Find(string name) => Read.Value.GetValueOrDefault(name);

    public static string Names() => Read.Value.Count == 0 ? "none" : string.Join(", ", Read.Value.Keys.Order(StringComparer.Ordinal));

    private static Dictionary<string, Profile> ReadFile()
    {
        try
        {
            var text = File.ReadAllText(Path);
            // Others could read the keys in it.
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(Path) & (UnixFileMode.GroupRead | UnixFileMode.OtherRead)) != 0
                && text.Contains("\"api_key\"", StringComparison.Ordinal))
                Output.Screen.Say($"note: {Path} holds keys and can be read by others; chmod 600 makes it yours alone.");
            return JsonSerializer.Deserialize(text, ProfileJson.Default.DictionaryStringProfile) ?? throw new JsonException("it is null");
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }
        catch (JsonException exception)
        {
            throw new UsageException(
                $"{Path} cannot be read: {exception.Message} Allowed: an object of profiles, such as {Example}.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{Path} cannot be read: {exception.Message}");
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true)]
[JsonSerializable(typeof(Dictionary<string, Profile>))]
internal sealed partial class ProfileJson : JsonSerializerContext;
