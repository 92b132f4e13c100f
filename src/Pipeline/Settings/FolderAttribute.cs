namespace VmDataset.Pipeline.Settings;

/// <summary>A folder's path. One that is set becomes absolute; a default stays relative to the working folder.</summary>
public sealed class FolderAttribute() : SettingAttribute("a folder's path")
{
    /// <summary>The contents of a folder that must exist, as "generators"; null for one that need not.</summary>
    public string? Contents { get; set; }

    public override object? Convert(string text, Type type) =>
        string.IsNullOrWhiteSpace(text) || File.Exists(text) ? null : Path.GetFullPath(text);

    public override bool IsUnset(string text, Type type) => false;

    protected override bool IsAllowed(object value, ValidationContext context) =>
        !File.Exists((string)value) && (Contents is null || Directory.Exists((string)value));

    public override string ErrorText(string name, string? text, Type type) =>
        string.IsNullOrWhiteSpace(text) ? base.ErrorText(name, text, type)
        : File.Exists(text) ? $"{name} is '{text}', which is a file; allowed: {Allowed}."
        : $"{name} is '{Path.GetFullPath(text)}'{(Path.IsPathFullyQualified(text) ? "" : " by default")}, which does not exist; "
        + $"allowed: the folder of the {Contents}.";
}
