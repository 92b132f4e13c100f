using System.CommandLine;
using VmDataset.Cli.Api;
using VmDataset.Cli.CommandLine;
using VmDataset.Cli.Output;

namespace VmDataset.Cli.Jobs;

/// <summary>Lists and shows jobs.</summary>
internal static class ReadingVerbs
{
    public static Command List()
    {
        var (limit, cursor) = Verbs.Page();
        var state = Verbs.Word("--state", "Only jobs in this state.",
            "submitting", "running", "paused", "succeeded", "failed", "cancelled", "unreadable");
        var tag = Verbs.Text("--tag", "Only jobs with this tag.", "TAG");
        var generator = Verbs.Text("--generator", "Only jobs with this generator.", "NAME");
        var by = Verbs.Text("--created-by", "Only jobs of this submitter, as vmds show names it.", "CALLER");
        var since = Verbs.Text("--since", "Only jobs submitted then or later.", "TIME");
        var until = Verbs.Text("--until", "Only jobs submitted before; such as 2026-11-28T12:00:00Z.", "TIME");
        Symbol[] symbols = [state, tag, generator, by, since, until, limit, cursor];
        return Verbs.Create("list", "List jobs, the newest first: all, or those that fit every option.", symbols, async session =>
        {
            var path = "/v1/jobs" + Query(("limit", $"{session.Get(limit) ?? 20}"), ("cursor", session.Get(cursor)),
                ("state", session.Get(state)), ("tag", session.Get(tag)), ("generator", session.Get(generator)),
                ("created_by", session.Get(by)), ("since", session.Get(since)), ("until", session.Get(until)));
            var page = await session.Api.GetAsync(path, ApiJson.Default.JobPage, session.Cancellation);
            session.Screen.Result(page.Json, () =>
            {
                var grid = new Grid("JOB", "STATE", "DONE", "FAILED", "SAMPLES", "CREATED", "GENERATORS");
                foreach (var job in page.Value.Items)
                    grid.Add(job.Id ?? "", job.State, Figures.Count(job.Samples.Done), Figures.Count(job.Samples.Failed),
                        Figures.Count(job.Samples.Total), Figures.Moment(job.CreatedAt), Names(job));
                grid.Write();
                More(page.Value.NextCursor);
            });
            return ExitCode.Done;
        });
    }

    public static Command Show()
    {
        var job = Verbs.Job();
        return Verbs.Create("show", "Show a job: its request, progress, generators and dataset.", [job], async session =>
        {
            var answer = await session.Api.GetAsync($"/v1/jobs/{session.Need(job)}", ApiJson.Default.Job, session.Cancellation);
            session.Screen.Result(answer.Json, () =>
            {
                foreach (var line in JobText.Lines(answer.Value, session.Api.Address)) Screen.Line(line);
                Screen.Line("");
                var seconds = answer.Value.Actual?.Generators.ToDictionary(static each => each.Name, static each => each.SecondsPerSample);
                var grid = new Grid("GENERATOR", "STATE", "DONE", "FAILED", "SAMPLES", "S/SAMPLE", "REASON");
                foreach (var each in answer.Value.Generators)
                    grid.Add(each.Name, each.State, Figures.Count(each.Samples.Done), Figures.Count(each.Samples.Failed),
                        Figures.Count(each.Samples.Total), seconds is not null && seconds.TryGetValue(each.Name, out var took)
                        ? took.ToString("0.00", CultureInfo.InvariantCulture) : "", each.Reason ?? "");
                grid.Write();
            });
            return ExitCode.Done;
        });
    }

    /// <summary>A query string of the values that are there.</summary>
    public static string Query(params IEnumerable<(string Name, string? Value)> fields) =>
        "?" + string.Join('&', fields.Where(static field => field.Value is not null)
            .Select(static field => $"{field.Name}={Uri.EscapeDataString(field.Value!)}"));

    public static void More(string? cursor)
    {
        if (cursor is not null) Screen.Say($"There are more: --cursor {cursor}");
    }

    private static string Names(Job job) => job.Generators is [{ Name: var only }] ? only
        : job.Generators.Count > 1 ? $"{job.Generators[0].Name} and {job.Generators.Count - 1} more"
        : job.Spec?.Generators is { Count: > 0 } named ? $"{named.Count}" : "";
}
