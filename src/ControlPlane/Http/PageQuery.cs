namespace VmDataset.ControlPlane.Http;

/// <summary>The part of a list that a request asks for. Lists with more parameters, or with cursors of a form of their own, derive from
/// it.</summary>
internal class PageQuery : IParameters
{
    public const int DefaultSize = 20;

    public const int MaxSize = 100;

    private int _size;

    [FromQuery(Name = "limit"), Description("Maximum number of items in the answer."), Range(1, MaxSize), AbsentMeans(DefaultSize)]
    public string? Limit { get; init; }

    [FromQuery(Name = "cursor"), Description("The next_cursor of the page before; absent for the first page.")]
    public string? Cursor { get; init; }

    /// <summary>Items in the answer, at most.</summary>
    public int Size => _size;

    public virtual void Read(List<ValidationError> errors)
    {
        _size = SizeOf(Limit, errors);
        if (Cursor is not null && !IsCursor(Cursor)) errors.Add(WrongCursor());
    }

    public static int SizeOf(string? limit, List<ValidationError> errors) =>
        ParameterText.WholeNumber("limit", limit, 1, MaxSize, DefaultSize, errors);

    /// <summary>For a cursor that is of the list's form and names nothing in it.</summary>
    public ValidationError WrongCursor() => new("cursor", $"cursor is '{Cursor}'; allowed: the next_cursor of the page before, or none.");

    /// <summary>Whether a text has the form of the list's cursors.</summary>
    protected virtual bool IsCursor(string text) => true;
}
