namespace VmDataset.Cli.Output;

/// <summary>Numbers for people.</summary>
internal static class Figures
{
    private static readonly string[] Units = ["bytes", "kB", "MB", "GB", "TB", "PB"];

    public static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    public static string Bytes(double bytes)
    {
        var unit = 0;
        for (; bytes >= 1000 && unit < Units.Length - 1; unit++) bytes /= 1000;
        return string.Create(CultureInfo.InvariantCulture, $"{Digits(bytes, unit == 0 ? 0 : 3)} {Units[unit]}");
    }

    /// <summary>Such as "48 s", "3 min 20 s" and "2 h 5 min".</summary>
    public static string Duration(double seconds)
    {
        var whole = (long)Math.Round(Math.Max(0, seconds));
        if (whole < 60) return seconds is > 0 and < 10 ? $"{Digits(seconds, seconds < 1 ? 3 : 2)} s" : $"{whole} s";
        if (whole < 3600) return whole % 60 == 0 ? $"{whole / 60} min" : $"{whole / 60} min {whole % 60} s";
        var minutes = whole % 3600 / 60;
        return minutes == 0 ? $"{Count(whole / 3600)} h" : $"{Count(whole / 3600)} h {minutes} min";
    }

    public static string Dollars(double dollars) =>
        "$" + dollars.ToString(dollars is > 0 and < 1 ? "0.####" : "#,0.00", CultureInfo.InvariantCulture);

    public static string Rate(double perSecond) => perSecond.ToString("0.0", CultureInfo.InvariantCulture);

    public static string Moment(DateTimeOffset? moment) =>
        moment?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "";

    // So many that count, and no zeros behind the point.
    private static string Digits(double number, int digits) => number.ToString(number switch
    {
        _ when digits == 0 => "0",
        >= 100 => "0",
        >= 10 => digits > 2 ? "0.#" : "0",
        _ => digits > 2 ? "0.##" : "0.#",
    }, CultureInfo.InvariantCulture);
}
