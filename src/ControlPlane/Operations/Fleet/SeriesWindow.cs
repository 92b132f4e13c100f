namespace VmDataset.ControlPlane.Operations.Fleet;

internal static class SeriesWindow
{
    private const int MaxPoints = 60;

    /// <summary>At least so many minutes up to now, in whole periods: CloudWatch stores periods by whole minutes.</summary>
    public static FleetWindow Of(int minutes, DateTimeOffset now)
    {
        var period = TimeSpan.FromMinutes((minutes + MaxPoints - 1) / MaxPoints);
        var periods = (minutes + (int)period.TotalMinutes - 1) / (int)period.TotalMinutes;
        var until = new DateTimeOffset((now.UtcTicks + period.Ticks - 1) / period.Ticks * period.Ticks, TimeSpan.Zero);
        return new FleetWindow { From = until - (periods * period), Until = until, PeriodSeconds = (int)period.TotalSeconds };
    }
}
