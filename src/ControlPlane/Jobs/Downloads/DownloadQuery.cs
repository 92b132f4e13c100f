namespace VmDataset.ControlPlane.Jobs.Downloads;

/// <summary>A page of a dataset's files, or all of them in a tar.</summary>
internal sealed class DownloadQuery : PageQuery
{
    private const string Json = "json";
    private const string TarFormat = "tar";

    [FromQuery(Name = "format"), AllowedValues(Json, TarFormat)]
    [Description("json: a list of links. tar: all files in one tar, if the store is this server's own disk. Default: by the header Accept, else json.")]
    public string? Format { get; init; }

    public bool IsTar => Format == TarFormat;

    /// <summary>The file after which the page begins; null for the first page.</summary>
    public DownloadCursor? After => Cursor is null ? null : DownloadCursor.Parse(Cursor);

    public override void Read(List<ValidationError> errors)
    {
        base.Read(errors);
        ParameterText.OneOf("format", Format, [Json, TarFormat], errors);
    }

    protected override bool IsCursor(string text) => DownloadCursor.Parse(text) is not null;
}
