namespace VmDataset.Pipeline.Settings;

/// <summary>Paths of one or several folders that must exist, separated as in <c>PATH</c>. Those that are set become absolute; defaults stay
/// relative to the working folder.</summary>
/// <param name="contents">What each of them holds, as "generators".</param>
public sealed class FoldersAttribute(string contents)
    : SettingAttribute($"a folder's path, or several with '{Path.PathSeparator}' between them")
{
    private readonly FolderAttribute _each = new() { Contents = contents };

    /// <summary>A property that, when it is set, makes the folders unnecessary.</summary>
    public string? Unless { get; set; }

    public override object? Convert(string text, Type type) =>
        text.Split(Path.PathSeparator) is var parts && parts.All(part => _each.Convert(part, typeof(string)) is not null)
            ? parts.Select(static part => Path.GetFullPath(part)).ToArray() : null;

    public override bool IsUnset(string text, Type type) => false;

    protected override bool IsAllowed(object value, ValidationContext context) =>
        ((IEnumerable<string>)value).All(Directory.Exists)
        || (Unless is not null && context.ObjectType.GetProperty(Unless)!.GetValue(context.ObjectInstance) is not null);

    // Of several the first that is wrong.
    public override string ErrorText(string name, string? text, Type type)
    {
        var parts = text?.Split(Path.PathSeparator) ?? [];
        var wrong = Array.Find(parts, File.Exists) ?? Array.Find(parts, static part => !Directory.Exists(part));
        if (wrong is null || parts.Any(string.IsNullOrWhiteSpace)) return base.ErrorText(name, text, type);
        return _each.ErrorText(parts.Length == 1 ? name : $"{name} is '{text}', of which one", wrong, type);
    }
}
