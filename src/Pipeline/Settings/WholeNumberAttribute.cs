using System.ComponentModel.DataAnnotations;

namespace VmDataset.Pipeline.Settings;

/// <summary>A whole number, or a time in whole seconds, within bounds that are allowed themselves.</summary>
public sealed class WholeNumberAttribute : SettingAttribute
{
    public WholeNumberAttribute(int min, int max)
    {
        (Min, Max) = (min, max);
        Allowed = FormattableString.Invariant($"an integer from {min:N0} to {max:N0}");
    }

    public int Min { get; }

    public int Max { get; }

    protected override bool IsAllowed(object value, ValidationContext context)
    {
        var number = value is TimeSpan time ? time.TotalSeconds : (int)value;
        return number >= Min && number <= Max;
    }
}
