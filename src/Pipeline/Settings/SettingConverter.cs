namespace VmDataset.Pipeline.Settings;

/// <summary>Turns texts into the types of options' properties.</summary>
internal static class SettingConverter
{
    /// <summary>The allowed texts of a type, as an error lists them; null where they are not a matter of the type.</summary>
    public static string? Allowed(Type type) =>
        Plain(type) is { IsEnum: true } choices ? string.Join(", ", Enum.GetNames(choices))
        : Plain(type) == typeof(bool) ? "true or false" : null;

    /// <summary>Null where the text has not the form of a value of that type.</summary>
    public static object? Convert(string text, Type type) => Plain(type) switch
    {
        // Enum.Parse would take numbers too.
        { IsEnum: true } choices =>
            Array.Find(Enum.GetNames(choices), name => name.Equals(text, StringComparison.OrdinalIgnoreCase)) is { } name
                ? Enum.Parse(choices, name) : null,
        var plain when plain == typeof(string) => text,
        var plain when plain == typeof(bool) => bool.TryParse(text, out var flag) ? flag : null,
        var plain when plain == typeof(int) => Number(text),
        var plain when plain == typeof(TimeSpan) => Number(text) is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
        var plain when plain == typeof(Uri) => Uri.TryCreate(text, UriKind.RelativeOrAbsolute, out var address) ? address : null,
        var plain when plain == typeof(IReadOnlyList<string>) =>
            text.Split([';', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
        var plain => throw new NotSupportedException($"No setting can be a {plain}."),
    };

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static Type Plain(Type type) => Nullable.GetUnderlyingType(type) ?? type;
}
