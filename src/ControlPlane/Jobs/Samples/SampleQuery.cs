using VmDataset.ControlPlane.Jobs.Views;

namespace VmDataset.ControlPlane.Jobs.Samples;

/// <summary>A page of a list that is ordered by generator name, then index.</summary>
internal class SampleQuery : GeneratorQuery
{
    /// <summary>The sample after which the page begins; null for the first page.</summary>
    public SampleCursor? After => Cursor is not null && SampleCursor.TryParse(Cursor, out var cursor) ? cursor : null;

    protected override bool IsCursor(string text) => SampleCursor.TryParse(text, out _);
}
