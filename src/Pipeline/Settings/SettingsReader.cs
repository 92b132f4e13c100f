using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace VmDataset.Pipeline.Settings;

/// <summary>
/// Reads settings and collects everything wrong with them. A setting's name is the command line's (<c>--DataDir</c>); the
/// environment has it in upper case, words parted by <c>_</c> (<c>DATA_DIR</c>), which is how the documents and the mistakes name it.
/// </summary>
/// <param name="configuration">The settings.</param>
/// <param name="shown">A setting's name as mistakes give it; null for <see cref="EnvironmentName"/>.</param>
public sealed class SettingsReader(IConfiguration configuration, Func<string, string>? shown = null)
{
    private readonly List<string> _mistakes = [];

    public void Mistake(string mistake) => _mistakes.Add(mistake);

    /// <exception cref="StartUpException">A setting is wrong; the message lists all that are.</exception>
    public void ThrowIfWrong()
    {
        if (_mistakes.Count > 0)
            throw new StartUpException("The settings are wrong:\n" + string.Join('\n', _mistakes.Select(static mistake => "- " + mistake)));
    }

    public static string EnvironmentName(string name) => JsonNamingPolicy.SnakeCaseUpper.ConvertName(name);

    /// <summary>The setting's name as its user knows it.</summary>
    public string Shown(string name) => (shown ?? EnvironmentName)(name);

    /// <summary>Null when it is not set.</summary>
    public string? Value(string name) => configuration[name] ?? configuration[EnvironmentName(name)];

    /// <summary>Null when it is not set or empty.</summary>
    public string? Text(string name) => Value(name) is { Length: > 0 } text ? text : null;

    public TEnum Choice<TEnum>(string name, TEnum otherwise)
        where TEnum : struct, Enum
    {
        if (Value(name) is not { } text) return otherwise;
        // Enum.TryParse would take numbers too.
        foreach (var choice in Enum.GetValues<TEnum>())
            if (string.Equals(choice.ToString(), text, StringComparison.OrdinalIgnoreCase)) return choice;
        Mistake($"{Shown(name)} is '{text}'; allowed: {string.Join(", ", Enum.GetNames<TEnum>())}.");
        return otherwise;
    }

    /// <summary>An absolute path.</summary>
    /// <param name="name">The setting.</param>
    /// <param name="otherwise">The path if it is not set.</param>
    /// <param name="contents">What an existing folder holds, as "generators"; null for a folder that need not exist.</param>
    public string Folder(string name, string otherwise, string? contents = null)
    {
        var text = Value(name) ?? otherwise;
        if (string.IsNullOrWhiteSpace(text)) Mistake($"{Shown(name)} is '{text}'; allowed: a folder's path.");
        else if (File.Exists(text)) Mistake($"{Shown(name)} is '{text}', which is a file; allowed: a folder's path.");
        else if (contents is null || Directory.Exists(text)) return Path.GetFullPath(text);
        else Mistake($"{Shown(name)} is '{Path.GetFullPath(text)}'{(Value(name) is null ? " by default" : "")}, which does not exist; allowed: the folder of the {contents}.");
        return Path.GetFullPath(otherwise);
    }

    public int? WholeNumber(string name, int min, int max)
    {
        if (Value(name) is not { } text) return null;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max) return number;
        Mistake(string.Create(CultureInfo.InvariantCulture, $"{Shown(name)} is '{text}'; allowed: an integer from {min:N0} to {max:N0}."));
        return null;
    }

    public bool Flag(string name, bool otherwise)
    {
        if (Value(name) is not { } text) return otherwise;
        if (bool.TryParse(text, out var flag)) return flag;
        Mistake($"{Shown(name)} is '{text}'; allowed: true or false.");
        return otherwise;
    }
}
