using Spectre.Console;

namespace VmDataset.Cli.Output;

/// <summary>Rows under heads: fitted to a terminal's width; elsewhere in full, in aligned columns.</summary>
internal sealed class Grid(params string[] heads)
{
    private readonly List<string[]> _rows = [];

    /// <param name="cells">They may hold text of others.</param>
    public void Add(params string[] cells) => _rows.Add([.. cells.Select(Text.Line)]);

    public void Write()
    {
        if (Screen.Terminal(onStderr: false) is { } terminal) terminal.Write(Table());
        else foreach (var line in Lines()) Screen.Line(line);
    }

    private Table Table()
    {
        var table = new Table().NoBorder();
        // Text, unlike markup, has no letters with a meaning.
        var bold = new Style(decoration: Decoration.Bold);
        foreach (var head in heads) table.AddColumn(new TableColumn(new Spectre.Console.Text(head, bold)));
        foreach (var row in _rows) table.AddRow(row.Select(static cell => new Spectre.Console.Text(cell)));
        return table;
    }

    private IEnumerable<string> Lines()
    {
        var widths = heads.Select((head, column) => _rows.Select(row => row[column].Length).Append(head.Length).Max()).ToArray();
        return _rows.Prepend([.. heads])
            .Select(row => string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
    }
}
