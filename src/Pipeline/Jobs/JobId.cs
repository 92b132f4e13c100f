using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace VmDataset.Pipeline.Jobs;

/// <summary>Job ids sort by time and are easy to read out: <c>20261123-130501-9f3c2a7b</c> (UTC, then 32 random bits).</summary>
public static partial class JobId
{
    public const string Pattern = "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$";

    public const string Rule = "1 to 64 letters, digits, '_' or '-', beginning with a letter or digit";

    public static string New(DateTimeOffset now) => string.Create(CultureInfo.InvariantCulture,
        $"{now.UtcDateTime:yyyyMMdd-HHmmss}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}");

    public static bool IsValid(string id) => Form().IsMatch(id);

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
