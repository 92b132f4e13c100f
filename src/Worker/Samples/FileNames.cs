using System.Buffers;

namespace VmDataset.Worker.Samples;

/// <summary>The names that a sample's files may have: those that every system can store on which a dataset may be unpacked.</summary>
internal static class FileNames
{
    private const string Allowed =
        "allowed: UTF-8 without control characters, \\ : * ? \" < > |, names that end with a dot or a space, and names that Windows keeps for devices";
    private static readonly SearchValues<char> Refused = SearchValues.Create("\\:*?\"<>|");
    private static readonly HashSet<string> Devices = new(
        ["CON", "PRN", "AUX", "NUL", .. Enumerable.Range(1, 9).SelectMany(static n => new[] { $"COM{n}", $"LPT{n}" })],
            StringComparer.OrdinalIgnoreCase);

    /// <param name="name">A name in a folder.</param>
    /// <returns>What is wrong with it, or null.</returns>
    public static string? FindDefect(EntryName name)
    {
        var text = name.Text;
        var found = !name.IsUtf8 ? "its name is not UTF-8"
            : text.Any(char.IsControl) ? "its name has a control character"
            : text.AsSpan().IndexOfAny(Refused) is >= 0 and var at ? $"its name has a {text[at]}"
            : text[^1] is '.' or ' ' ? "its name ends with a dot or a space"
            : Devices.Contains(text.Split('.')[0]) ? "its name is kept for a device" : null;
        return found is null ? null : $"{found}; {Allowed}";
    }

    /// <param name="path">A file's name with its folders.</param>
    /// <returns>What is wrong with its length, or null.</returns>
    public static string? FindLengthDefect(string path) => Encoding.UTF8.GetByteCount(path) is > SampleLimits.NameBytes and var bytes
        ? $"its name has {bytes} bytes; allowed: at most {SampleLimits.NameBytes}, folders included" : null;

    /// <summary>A name as an error may show it: in one line, and not too long.</summary>
    public static string Show(string path)
    {
        StringBuilder shown = new();
        foreach (var character in path.Length > 200 ? path[..200] : path)
        {
            if (char.IsControl(character)) shown.Append(System.Globalization.CultureInfo.InvariantCulture, $"\\x{(int)character:x2}");
            else shown.Append(character);
        }

        return path.Length > 200 ? shown.Append('…').ToString() : shown.ToString();
    }
}
