namespace VmDataset.Pipeline.Jobs;

/// <summary>What whoever publishes a dataset says of it, for its card and its Croissant description. All are null where nothing was
/// said.</summary>
public sealed record DatasetAbout
{
    /// <summary>The dataset's name.</summary>
    /// <example>Mazes for video models</example>
    public string? Title { get; init; }

    /// <summary>An SPDX identifier.</summary>
    /// <example>CC-BY-4.0</example>
    public string? License { get; init; }

    /// <summary>The dataset's page: http or https.</summary>
    /// <example>https://example.org/mazes</example>
    public string? Url { get; init; }

    /// <summary>A person or an organisation.</summary>
    /// <example>Example Lab</example>
    public string? Creator { get; init; }

    /// <summary>A day, <c>yyyy-MM-dd</c>.</summary>
    /// <example>2026-11-28</example>
    public string? DatePublished { get; init; }

    /// <summary>The dataset's version.</summary>
    /// <example>1.0.0</example>
    public string? Version { get; init; }

    /// <summary>How to cite it, such as a BibTeX entry.</summary>
    public string? CiteAs { get; init; }
}
