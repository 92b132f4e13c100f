namespace VmDataset.Pipeline.Generators;

/// <summary>What a clone's own files say of it; git itself need not be here.</summary>
internal static partial class GitClone
{
    /// <returns>Its commit and where it was cloned from; null for what is not known.</returns>
    public static (string? Commit, string? Repository) Read(string folder)
    {
        var git = Path.Combine(folder, ".git");
        if (!Directory.Exists(git)) return default;
        try
        {
            return (Commit(git), Repository(git));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A generator whose history cannot be read is as good as any.
            return default;
        }
    }

    private static string? Commit(string git)
    {
        if (Text(git, "HEAD") is not { } head) return null;
        if (!head.StartsWith("ref: refs/", StringComparison.Ordinal)) return Hash().IsMatch(head) ? head : null;
        var name = head["ref: ".Length..];
        // The name comes from a foreign file and must not lead elsewhere.
        if (name.Split('/').Contains("..")) return null;
        var hash = Text(git, name) ?? Text(git, "packed-refs")?.Split('\n')
            .FirstOrDefault(line => line.EndsWith(" " + name, StringComparison.Ordinal))?.Split(' ')[0];
        return hash is not null && Hash().IsMatch(hash) ? hash : null;
    }

    /// <summary>Without a user and a password, which some clones keep there.</summary>
    private static string? Repository(string git) =>
        Text(git, "config") is { } config && Origin().Match(config) is { Success: true } origin
        && Uri.TryCreate(origin.Groups[1].Value, UriKind.Absolute, out var url) && (url.Scheme is "http" or "https")
            ? url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped)
            : null;

    private static string? Text(string git, string name) =>
        Path.Combine(git, name) is var path && File.Exists(path) ? File.ReadAllText(path).Trim() : null;

    [GeneratedRegex(@"^[0-9a-f]{40}([0-9a-f]{24})?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Hash();

    [GeneratedRegex(@"\[remote ""origin""\][^\[]*?^\s*url\s*=\s*(\S+)", RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex Origin();
}
