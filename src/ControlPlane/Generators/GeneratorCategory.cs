namespace VmDataset.ControlPlane.Generators;

/// <summary>The categories by which generators are filtered and grouped. Case does not count.</summary>
internal static class GeneratorCategory
{
    /// <summary>The group of the generators that state none.</summary>
    public const string Other = "Other";

    public const int MaxLength = 40;

    /// <summary>By name, those without one last.</summary>
    public static IComparer<string?> Order { get; } = Comparer<string?>.Create(static (a, b) =>
        (IsOther(a), IsOther(b)) is var (first, second) && first != second ? first.CompareTo(second)
            : StringComparer.OrdinalIgnoreCase.Compare(Name(a), Name(b)));

    public static string Name(string? category) => category ?? Other;

    /// <param name="category">A generator's; null where it states none.</param>
    /// <param name="wanted">A category, or <c>other</c> for the generators that state none.</param>
    public static bool Is(string? category, string wanted) => Name(category).Equals(wanted, StringComparison.OrdinalIgnoreCase);

    /// <summary>The names of those that there are, each once, in order.</summary>
    public static IReadOnlyList<string> Of(IEnumerable<string?> categories) =>
        [.. categories.Distinct(StringComparer.OrdinalIgnoreCase).Order(Order).Select(Name).Distinct(StringComparer.OrdinalIgnoreCase)];

    private static bool IsOther(string? category) => Is(category, Other);
}
