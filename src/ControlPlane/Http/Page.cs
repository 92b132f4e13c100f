namespace VmDataset.ControlPlane.Http;

/// <summary>A page of a list.</summary>
public sealed record Page<T>
{
    /// <summary>The items of this page, in the list's order.</summary>
    public required IReadOnlyList<T> Items { get; init; }

    /// <summary>Give it as <c>cursor</c> to get the next page; absent on the last one.</summary>
    public string? NextCursor { get; init; }
}
