namespace VmDataset.ControlPlane.Generators;

/// <summary>Finds what somebody who misspelt a name may have meant.</summary>
internal static class NameSuggestions
{
    private const int Most = 3;

    /// <summary>Up to three names, the nearest first: those that contain the text or are a few keystrokes away from it.</summary>
    public static IReadOnlyList<string> To(string wanted, IEnumerable<string> names) =>
        [.. names
            .Select(name => (Name: name, Distance: Contains(name, wanted) ? 0 : Distance(name, wanted)))
            .Where(near => near.Distance <= Math.Max(2, wanted.Length / 4))
            .OrderBy(static near => near.Distance).ThenBy(static near => near.Name, StringComparer.Ordinal)
            .Take(Most).Select(static near => near.Name)];

    private static bool Contains(string name, string wanted) =>
        wanted.Length >= 3 && name.Contains(wanted, StringComparison.OrdinalIgnoreCase);

    /// <summary>Insertions, deletions and replacements of one letter (Levenshtein), case aside.</summary>
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var replaced = diagonal + (char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[b.Length];
    }
}
