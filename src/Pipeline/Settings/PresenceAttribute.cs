namespace VmDataset.Pipeline.Settings;

/// <summary>A flag that is true where a variable has any value, as those have that a platform sets.</summary>
public sealed class PresenceAttribute : SettingAttribute
{
    public override object? Convert(string text, Type type) => true;

    public override bool IsUnset(string text, Type type) => text.Length == 0;
}
