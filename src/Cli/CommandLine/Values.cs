using System.CommandLine.Parsing;
using System.Diagnostics.CodeAnalysis;
using VmDataset.Cli.Api;

namespace VmDataset.Cli.CommandLine;

/// <summary>Reads values of options; a wrong one is named with what is allowed.</summary>
internal static partial class Values
{
    public static bool IsJobId([NotNullWhen(true)] string? text) => text is not null && JobId().IsMatch(text);

    public static int? Number(ArgumentResult result, string name, int least, int most)
    {
        if (result.Tokens.Count == 0) return null;
        var text = result.Tokens[0].Value;
        if (text.All(char.IsAsciiDigit) && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number >= least && number <= most) return number;
        result.AddError($"{name} is '{text}'; allowed: an integer from {least} to {most}.");
        return null;
    }

    public static double? Decimal(ArgumentResult result, string name)
    {
        if (result.Tokens.Count == 0) return null;
        var text = result.Tokens[0].Value;
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)) return number;
        result.AddError($"{name} is '{text}'; allowed: a number from 0, such as 20 or 0.5.");
        return null;
    }

    /// <summary>A JSON object that an option holds.</summary>
    /// <exception cref="UsageException">It is none.</exception>
    public static JsonElement Object(string name, string text, string example)
    {
        try
        {
            if (JsonElement.Parse(text) is { ValueKind: JsonValueKind.Object } found) return found;
        }
        catch (JsonException)
        {
        }

        throw new UsageException($"{name} is '{text}'; allowed: a JSON object, such as '{example}'.");
    }

    /// <summary>Seconds between two looks: <c>POLL_SECONDS</c>, or 2.</summary>
    /// <exception cref="UsageException">It is no number.</exception>
    public static TimeSpan Pause()
    {
        if (Environment.GetEnvironmentVariable("POLL_SECONDS") is not { Length: > 0 } text) return TimeSpan.FromSeconds(2);
        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds <= 3600
            ? TimeSpan.FromSeconds(seconds)
            : throw new UsageException($"POLL_SECONDS is '{text}'; allowed: a number of seconds up to 3600, such as 2 or 0.5.");
    }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9_-]{0,63}\z")]
    private static partial Regex JobId();
}
