using System.Globalization;
using VmDataset.Pipeline.Json;

namespace VmDataset.ControlPlane.Operations.Fleet;

/// <summary>How far back the series reach.</summary>
internal static class WindowReader
{
    public const int DefaultMinutes = 15;
    public const int MaxMinutes = 1_440;
    private const int MaxPoints = 60;

    /// <summary>Reads the query parameter <c>minutes</c>.</summary>
    public static int Minutes(string? minutes, List<ValidationError> errors)
    {
        if (minutes is null) return DefaultMinutes;
        if (int.TryParse(minutes, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= MaxMinutes)
            return number;
        errors.Add(new ValidationError("minutes", $"minutes is '{minutes}'; allowed: an integer from 1 to {MaxMinutes}."));
        return DefaultMinutes;
    }

    /// <summary>At least so many minutes up to now, in whole periods: CloudWatch stores periods by whole minutes.</summary>
    public static FleetWindow Window(int minutes, DateTimeOffset now)
    {
        var period = TimeSpan.FromMinutes((minutes + MaxPoints - 1) / MaxPoints);
        var periods = (minutes + (int)period.TotalMinutes - 1) / (int)period.TotalMinutes;
        var until = new DateTimeOffset((now.UtcTicks + period.Ticks - 1) / period.Ticks * period.Ticks, TimeSpan.Zero);
        return new FleetWindow { From = until - (periods * period), Until = until, PeriodSeconds = (int)period.TotalSeconds };
    }
}
