using System.Globalization;
using System.Text.Json;

namespace VmDataset.ControlPlane.Engines;

/// <summary>Reads the settings and reports everything wrong with them at once.</summary>
internal sealed class EngineOptionsReader(IConfiguration configuration)
{
    private readonly List<string> _mistakes = [];

    /// <exception cref="StartUpException">A setting is wrong; the message lists all that are.</exception>
    public EngineOptions Read()
    {
        var defaults = new EngineOptions();
        var options = new EngineOptions
        {
            Engine = Engine(defaults.Engine),
            DataDir = Folder(nameof(EngineOptions.DataDir), defaults.DataDir),
            GeneratorsDir = Folder(nameof(EngineOptions.GeneratorsDir), defaults.GeneratorsDir),
            Port = WholeNumber(nameof(EngineOptions.Port), 0, 65_535) ?? defaults.Port,
            EmbeddedWorker = Flag(nameof(EngineOptions.EmbeddedWorker), defaults.EmbeddedWorker),
            Lanes = WholeNumber(nameof(EngineOptions.Lanes), 1, 256),
            Python = Value(nameof(EngineOptions.Python)) is { Length: > 0 } python ? python : null,
            SampleTimeoutSeconds = WholeNumber(nameof(EngineOptions.SampleTimeoutSeconds), 1, 86_400),
            LaneMemoryMb = WholeNumber(nameof(EngineOptions.LaneMemoryMb), 64, 1_048_576),
        };
        if (IsWithin(options.DataDir, options.GeneratorsDir))
            _mistakes.Add($"DataDir is '{options.DataDir}', which lies in GeneratorsDir; allowed: a folder outside of it, as each folder there is a generator.");
        return _mistakes.Count == 0
            ? options
            : throw new StartUpException("The settings are wrong:\n" + string.Join('\n', _mistakes.Select(static mistake => "- " + mistake)));
    }

    private string? Value(string name) => configuration[name] ?? configuration[JsonNamingPolicy.SnakeCaseUpper.ConvertName(name)];

    private EngineKind Engine(EngineKind otherwise)
    {
        if (Value("Engine") is not { } text) return otherwise;
        // Enum.TryParse would take numbers too.
        foreach (var kind in Enum.GetValues<EngineKind>())
            if (string.Equals(kind.ToString(), text, StringComparison.OrdinalIgnoreCase)) return kind;
        _mistakes.Add($"Engine is '{text}'; allowed: {string.Join(", ", Enum.GetNames<EngineKind>())}.");
        return otherwise;
    }

    private string Folder(string name, string otherwise)
    {
        var text = Value(name) ?? otherwise;
        if (string.IsNullOrWhiteSpace(text))
            _mistakes.Add($"{name} is '{text}'; allowed: a folder's path.");
        else if (File.Exists(text))
            _mistakes.Add($"{name} is '{text}', which is a file; allowed: a folder's path.");
        else
            return Path.GetFullPath(text);
        return Path.GetFullPath(otherwise);
    }

    private int? WholeNumber(string name, int min, int max)
    {
        if (Value(name) is not { } text) return null;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max) return number;
        _mistakes.Add(string.Create(CultureInfo.InvariantCulture, $"{name} is '{text}'; allowed: an integer from {min:N0} to {max:N0}."));
        return null;
    }

    private bool Flag(string name, bool otherwise)
    {
        if (Value(name) is not { } text) return otherwise;
        if (bool.TryParse(text, out var flag)) return flag;
        _mistakes.Add($"{name} is '{text}'; allowed: true or false.");
        return otherwise;
    }

    private static bool IsWithin(string folder, string root) =>
        Path.TrimEndingDirectorySeparator(folder) == Path.TrimEndingDirectorySeparator(root)
        || folder.StartsWith(Path.TrimEndingDirectorySeparator(root) + Path.DirectorySeparatorChar, StringComparison.Ordinal);
}
