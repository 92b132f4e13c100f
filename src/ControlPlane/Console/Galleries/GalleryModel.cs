using VmDataset.ControlPlane.Jobs.Samples;
using VmDataset.ControlPlane.Jobs.Views;

namespace VmDataset.ControlPlane.Console.Galleries;

/// <summary>A page of a job's finished samples.</summary>
public sealed record GalleryModel
{
    /// <summary>Pages that follow each other by themselves: a browser holds the pictures of all of them.</summary>
    public const int MaxPages = 40;

    public required JobView Job { get; init; }

    public required IReadOnlyList<SampleView> Samples { get; init; }

    /// <summary>Only this generator's; null for all.</summary>
    public string? Generator { get; init; }

    /// <summary>Only this split's; null for all.</summary>
    public string? Split { get; init; }

    /// <summary>The splits of the job; none in a job without.</summary>
    public IReadOnlyList<string> Splits { get; init; } = [];

    /// <summary>The seed of the shuffled order; null for the order by generator and index.</summary>
    public int? Seed { get; init; }

    /// <summary>The next page's cursor; null on the last page.</summary>
    public string? Next { get; init; }

    /// <summary>This page's cursor; null on the first one.</summary>
    public string? Cursor { get; init; }

    /// <summary>The generator of the sample before the page; null if there is none, or in a shuffled order.</summary>
    public string? After { get; init; }

    /// <summary>Pages in the browser, with this one.</summary>
    public int Pages { get; init; } = 1;

    /// <summary>Whether this goes on with a page that is there already.</summary>
    public bool IsPart { get; init; }

    /// <summary>The address of these samples.</summary>
    /// <param name="seed">The seed of a shuffled order; null for the samples' own.</param>
    /// <param name="cursor">A page's cursor; null for the first one.</param>
    /// <param name="pages">Pages in the browser that it is to go on with; null for a page of its own.</param>
    internal string Address(int? seed, string? cursor, int? pages = null) => $"/jobs/{Job.Id}/gallery" + QueryString.Create(
        new Dictionary<string, string?>
        {
            ["generator"] = Generator,
            ["split"] = Split,
            ["shuffle"] = seed?.ToString(CultureInfo.InvariantCulture),
            ["cursor"] = cursor,
            ["loaded"] = pages?.ToString(CultureInfo.InvariantCulture),
        }.Where(static each => each.Value is not null));
}

/// <summary>A sample's own page.</summary>
public sealed record SampleModel(JobView Job, SampleView Sample, string? Parameters);
