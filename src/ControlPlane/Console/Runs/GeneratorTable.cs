using VmDataset.ControlPlane.Jobs.Views;
using VmDataset.ControlPlane.Planning;

namespace VmDataset.ControlPlane.Console.Runs;

/// <summary>A page of a job's generators: sorted, filtered, and as long for two hundred as for twenty.</summary>
public sealed record GeneratorTable
{
    public const int PageSize = 25;

    private static readonly string[] Columns = ["name", "state", "done", "failed", "batches", "seconds"];

    /// <summary>The rows of the page.</summary>
    public required IReadOnlyList<GeneratorRow> Rows { get; init; }

    /// <summary>Generators that the filter lets through.</summary>
    public required int Matches { get; init; }

    /// <summary>Generators by state, of all of the job's.</summary>
    public required IReadOnlyList<(JobState State, int Count)> States { get; init; }

    /// <summary>What was asked for.</summary>
    public required GeneratorTableQuery Query { get; init; }

    public int Pages => Math.Max(1, (Matches + PageSize - 1) / PageSize);

    internal static GeneratorTable Of(JobView job, GeneratorTableQuery query)
    {
        var actual = job.Actual?.Generators.ToDictionary(static each => each.Name, StringComparer.Ordinal);
        var all = (job.Generators ?? []).Select(each => new GeneratorRow(each, actual?.GetValueOrDefault(each.Name))).ToList();
        var found = all.Where(row => Matching(row, query)).ToList();
        var sorted = Sorted(found, query);
        var pages = Math.Max(1, (found.Count + PageSize - 1) / PageSize);
        var page = Math.Clamp(query.Page, 1, pages);
        return new GeneratorTable
        {
            Rows = [.. sorted.Skip((page - 1) * PageSize).Take(PageSize)],
            Matches = found.Count,
            States = [.. all.CountBy(static row => row.View.State).OrderBy(static each => each.Key)
                .Select(static each => (each.Key, each.Value))],
            Query = query with { Page = page },
        };
    }

    private static bool Matching(GeneratorRow row, GeneratorTableQuery query) =>
        (query.Filter.Length == 0 || row.View.Name.Contains(query.Filter, StringComparison.OrdinalIgnoreCase))
        && (query.State is not { } state || row.View.State == state);

    private static IEnumerable<GeneratorRow> Sorted(IEnumerable<GeneratorRow> rows, GeneratorTableQuery query)
    {
        var sorted = query.Sort switch
        {
            "name" => rows.OrderBy(static row => row.View.Name, StringComparer.Ordinal),
            "state" => rows.OrderBy(static row => row.View.State),
            "done" => rows.OrderBy(static row => row.View.Samples.Total == 0 ? 0 : (double)row.View.Samples.Done / row.View.Samples.Total),
            "failed" => rows.OrderBy(static row => row.View.Samples.Failed),
            "batches" => rows.OrderBy(static row => row.View.Batches.Done),
            "seconds" => rows.OrderBy(static row => row.Actual?.SecondsPerSample ?? 0),
            // In the order of the request.
            _ => rows,
        };
        return query.Descending ? sorted.Reverse() : sorted;
    }

    /// <summary>Whether the table has such a column to sort by.</summary>
    internal static bool IsColumn(string? text) => Columns.Contains(text, StringComparer.Ordinal);
}

/// <summary>A generator of a job, beside what its samples took.</summary>
public sealed record GeneratorRow(JobGeneratorView View, ActualGeneratorView? Actual);
