namespace VmDataset.Pipeline.Settings;

/// <summary>A whole number, or a time in whole seconds, within bounds that are allowed themselves.</summary>
public sealed class WholeNumberAttribute(int min, int max)
    : SettingAttribute(FormattableString.Invariant($"an integer from {min:N0} to {max:N0}"))
{
    public int Min => min;

    public int Max => max;

    protected override bool IsAllowed(object value, ValidationContext context)
    {
        var number = value is TimeSpan time ? time.TotalSeconds : (int)value;
        return number >= min && number <= max;
    }
}
