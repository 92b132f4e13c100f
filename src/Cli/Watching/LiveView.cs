using Spectre.Console;
using Spectre.Console.Rendering;
using VmDataset.Cli.Api;
using VmDataset.Cli.Output;

namespace VmDataset.Cli.Watching;

/// <summary>A table that changes in place: a bar for each generator, and below it the job's own figures and the latest failures.</summary>
internal sealed class LiveView(LiveDisplayContext live, IAnsiConsole terminal) : IProgressView
{
    private const int LatestFailures = 5;

    private readonly Queue<string> _failures = [];
    private Job? _job;
    private string? _away;

    public void Show(Job job)
    {
        (_job, _away) = (job, null);
        Draw();
    }

    public void Show(Failure failure)
    {
        _failures.Enqueue(JobText.Failure(failure));
        if (_failures.Count > LatestFailures) _failures.Dequeue();
        Draw();
    }

    public void ShowAway(string message)
    {
        _away = message.Split('\n')[0];
        Draw();
    }

    private void Draw()
    {
        if (_job is not { } job) return;
        List<IRenderable> rows = [Table(job), Plain($"{job.Id} {job.State}: {JobText.Progress(job)}")];
        if (job.Reason is { } reason) rows.Add(Plain(reason));
        if (job.Succeeded && job.Dataset is { State: not "ready" }) rows.Add(Plain("The dataset is being written."));
        if (_away is { } away) rows.Add(Plain($"waiting: {away}", new Style(Color.Yellow)));
        rows.AddRange(_failures.Select(static failure => Plain(failure, new Style(Color.Red))));
        live.UpdateTarget(new Rows(rows));
    }

    private Table Table(Job job)
    {
        var table = new Table().NoBorder();
        table.AddColumns("GENERATOR", "", "DONE", "FAILED", "S/SAMPLE");
        foreach (var column in table.Columns) column.NoWrap();
        var costs = job.Actual?.Generators.Any(static each => each.CostUsd is not null) == true;
        if (costs) table.AddColumn(new TableColumn("COST").NoWrap());
        var took = job.Actual?.Generators.ToDictionary(static each => each.Name) ?? [];
        // Those with work left go first: a terminal has fewer rows than a job may have generators.
        var room = Math.Max(3, terminal.Profile.Height - LatestFailures - 6);
        var width = Math.Clamp(terminal.Profile.Width - 60, 10, 60);
        foreach (var each in job.Generators.OrderBy(static each => IsOver(each.Samples)).Take(room))
        {
            var used = took.GetValueOrDefault(each.Name);
            List<IRenderable> cells = [Plain(Output.Text.Start(each.Name, 30)), Bar(each.Samples, width),
                Plain($"{Figures.Count(each.Samples.Done)}/{Figures.Count(each.Samples.Total)}"), Plain(Figures.Count(each.Samples.Failed)),
                Plain(used is null ? "" : used.SecondsPerSample.ToString("0.00", CultureInfo.InvariantCulture))];
            if (costs) cells.Add(Plain(used?.CostUsd is { } usd ? Figures.Dollars(usd) : ""));
            table.AddRow(cells);
        }

        if (job.Generators.Count > room) table.AddRow(Plain($"and {job.Generators.Count - room} more"));
        return table;
    }

    private static bool IsOver(SampleCounts samples) => samples.Done + samples.Failed >= samples.Total;

    private static Paragraph Bar(SampleCounts samples, int width)
    {
        var done = samples.Total == 0 ? 0 : (int)(width * samples.Done / samples.Total);
        var failed = samples.Total == 0 ? 0 : Math.Min(width - done, (int)Math.Ceiling((double)width * samples.Failed / samples.Total));
        var bar = new Paragraph();
        bar.Append(new string('█', done), new Style(Color.Green));
        bar.Append(new string('▒', failed), new Style(Color.Red));
        bar.Append(new string('·', width - done - failed));
        return bar;
    }

    private static Spectre.Console.Text Plain(string text, Style? style = null) => new(Output.Text.Line(text), style);
}
