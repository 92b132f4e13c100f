using System.Globalization;
using VmDataset.Pipeline.Json;

namespace VmDataset.ControlPlane.Http;

/// <summary>How many items a page may have.</summary>
internal static class PageLimits
{
    public const int Default = 20;

    public const int Max = 100;

    /// <summary>Reads the query parameter <c>limit</c>.</summary>
    public static int Read(string? limit, List<ValidationError> errors)
    {
        if (limit is null) return Default;
        if (int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= Max)
            return number;
        errors.Add(new ValidationError("limit", $"limit is '{limit}'; allowed: an integer from 1 to {Max}."));
        return Default;
    }

    public static ValidationError WrongCursor(string cursor) =>
        new("cursor", $"cursor is '{cursor}'; allowed: the next_cursor of the page before, or none.");
}
