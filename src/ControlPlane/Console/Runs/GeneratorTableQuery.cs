namespace VmDataset.ControlPlane.Console.Runs;

/// <summary>How a table of generators is asked for. Whatever cannot be read counts as absent: it is a view, and changes nothing.</summary>
public sealed record GeneratorTableQuery
{
    /// <summary>The column to sort by; null for the request's order.</summary>
    public string? Sort { get; init; }

    public bool Descending { get; init; }

    /// <summary>A part of the names; empty for all.</summary>
    public string Filter { get; init; } = "";

    /// <summary>Only generators in this state; null for all.</summary>
    public JobState? State { get; init; }

    /// <summary>From 1.</summary>
    public int Page { get; init; } = 1;

    internal static GeneratorTableQuery Read(IQueryCollection query) => new()
    {
        Sort = GeneratorTable.IsColumn(query["sort"]) ? query["sort"].ToString() : null,
        Descending = query["order"] == "desc",
        Filter = query["filter"].ToString().Trim() is { Length: <= 100 } filter ? filter : "",
        State = Enum.TryParse<JobState>(query["state"], ignoreCase: true, out var state) && Enum.IsDefined(state) ? state : null,
        Page = int.TryParse(query["page"], NumberStyles.None, CultureInfo.InvariantCulture, out var page) ? Math.Clamp(page, 1, 1_000) : 1,
    };

    /// <summary>The query of the same table, sorted by a column; by the one it has already, the other way round.</summary>
    internal GeneratorTableQuery By(string column) => this with
    {
        Sort = column,
        Page = 1,
        // The most first, as one looks for what is large; names from A on.
        Descending = Sort == column ? !Descending : column is not ("name" or "state"),
    };

    /// <summary>The address of the table below a path.</summary>
    internal string Address(string path)
    {
        var query = QueryString.Empty;
        if (Sort is not null) query = query.Add("sort", Sort);
        if (Sort is not null && Descending) query = query.Add("order", "desc");
        if (Filter.Length > 0) query = query.Add("filter", Filter);
        if (State is { } state) query = query.Add("state", state.ToString().ToLowerInvariant());
        if (Page > 1) query = query.Add("page", Page.ToString(CultureInfo.InvariantCulture));
        return path + query;
    }
}
