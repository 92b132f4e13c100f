namespace VmDataset.ControlPlane.Http;

/// <summary>A page of a list.</summary>
public sealed record Page<T>
{
    /// <summary>The items of this page, in the list's order.</summary>
    public required IReadOnlyList<T> Items { get; init; }

    /// <summary>The <c>cursor</c> of the next page; absent on the last page.</summary>
    public string? NextCursor { get; init; }
}
