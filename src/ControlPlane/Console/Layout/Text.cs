namespace VmDataset.ControlPlane.Console.Layout;

/// <summary>Figures and times as people read them.</summary>
internal static class Text
{
    public static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    public static string Number(double number, string format = "0.##") => number.ToString(format, CultureInfo.InvariantCulture);

    /// <summary>One word in small letters: <c>timed out</c> for TimedOut.</summary>
    public static string Word(Enum value) => string.Concat(value.ToString().Select(static (letter, i) =>
        char.IsUpper(letter) ? (i == 0 ? "" : " ") + char.ToLowerInvariant(letter) : letter.ToString()));

    /// <summary>Percent of a whole, so that 100% means all and 0% none.</summary>
    public static string Percent(long part, long whole)
    {
        if (whole == 0) return "0%";
        var percent = 100.0 * part / whole;
        return percent is > 0 and < 1 ? "<1%" : $"{Number(Math.Floor(percent), "0")}%";
    }

    public static string Duration(double seconds) => seconds switch
    {
        < 1 => $"{Number(seconds, "0.##")} s",
        < 10 => $"{Number(seconds, "0.#")} s",
        < 120 => $"{Number(seconds, "0")} s",
        < 7_200 => $"{Number(seconds / 60, "0")} min",
        < 172_800 => $"{Number(seconds / 3_600, "0.#")} h",
        _ => $"{Number(seconds / 86_400, "0.#")} days",
    };

    public static string Bytes(double bytes) => bytes switch
    {
        < 1_000 => $"{Number(bytes, "0")} B",
        < 1_000_000 => $"{Number(bytes / 1_000, "0.#")} kB",
        < 1_000_000_000 => $"{Number(bytes / 1_000_000, "0.#")} MB",
        < 1_000_000_000_000 => $"{Number(bytes / 1_000_000_000, "0.#")} GB",
        _ => $"{Number(bytes / 1_000_000_000_000, "0.##")} TB",
    };

    public static string Usd(double dollars) => dollars is > 0 and < 0.01 ? "under $0.01" : $"${Number(dollars, "#,0.00")}";

    public static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("d MMM yyyy HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    public static string Ago(DateTimeOffset at, DateTimeOffset now)
    {
        var age = (now - at).TotalSeconds;
        return age < 1 ? "now" : age < 604_800 ? $"{Duration(Math.Floor(age))} ago"
            : at.UtcDateTime.ToString("d MMM yyyy", CultureInfo.InvariantCulture);
    }

    public static string Plural(long number, string one, string? many = null) => $"{Number(number)} {(number == 1 ? one : many ?? one + "s")}";
}
