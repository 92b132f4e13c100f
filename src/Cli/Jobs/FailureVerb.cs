using System.CommandLine;
using VmDataset.Cli.Api;
using VmDataset.Cli.CommandLine;
using VmDataset.Cli.Output;

namespace VmDataset.Cli.Jobs;

/// <summary>Lists a job's failures, or what caused them.</summary>
internal static class FailureVerb
{
    public static Command Verb()
    {
        var job = Verbs.Job();
        var (limit, cursor) = Verbs.Page();
        var causes = new Option<bool>("--by-cause")
        {
            Description = "In groups that say the same, numbers aside, those of most samples first; of 500 failures at a time.",
        };
        var generator = Verbs.Text("--generator", "Only failures of this generator.", "NAME");
        var all = new Option<bool>("--all") { Description = "Also failures that a later attempt recovered; not with --by-cause." };
        var log = new Option<bool>("--log") { Description = "With the generator's traceback, or the end of its output." };
        Symbol[] symbols = [job, causes, generator, all, log, limit, cursor];
        return Verbs.Create("failures", "List a job's failures, each with the generator's own error.", symbols, session =>
        {
            if (session.Has(causes) && session.Has(all))
                throw new UsageException("--all is there beside --by-cause; allowed: one of them, as causes are of standing failures.");
            var query = ReadingVerbs.Query(("limit", $"{session.Get(limit) ?? (session.Has(causes) ? 20 : 50)}"),
                ("cursor", session.Get(cursor)), ("generator", session.Get(generator)), ("all", session.Has(all) ? "true" : null));
            var path = $"/v1/jobs/{session.Need(job)}/failures";
            return session.Has(causes) ? CausesAsync(session, $"{path}/causes{query}", session.Has(log))
                : ListAsync(session, path + query, session.Has(log));
        });
    }

    private static async Task<ExitCode> ListAsync(Session session, string path, bool withLog)
    {
        var page = await session.Api.GetAsync(path, ApiJson.Default.FailurePage, session.Cancellation);
        session.Screen.Result(page.Json, () =>
        {
            foreach (var failure in page.Value.Items) Write(JobText.Failure(failure), failure, withLog);
            if (page.Value.Items.Count == 0) Screen.Say("No failures.");
            ReadingVerbs.More(page.Value.NextCursor);
        });
        return ExitCode.Done;
    }

    private static async Task<ExitCode> CausesAsync(Session session, string path, bool withLog)
    {
        var page = await session.Api.GetAsync(path, ApiJson.Default.FailureCausePage, session.Cancellation);
        session.Screen.Result(page.Json, () =>
        {
            foreach (var cause in page.Value.Items) Write(JobText.Cause(cause), cause.Newest, withLog);
            if (page.Value.Items.Count == 0) Screen.Say("No failures.");
            if (page.Value.LeftOut > 0) Screen.Say($"{page.Value.LeftOut} causes of fewer samples are left out: --limit shows up to 100.");
            if (page.Value.NextCursor is { } next)
                Screen.Say($"These are of {page.Value.Records} failures. There are more: --cursor {next}");
        });
        return ExitCode.Done;
    }

    private static void Write(string line, Failure failure, bool withLog)
    {
        Screen.Line(line.ReplaceLineEndings(" "));
        if (withLog && (failure.Traceback ?? failure.LogTail) is { Length: > 0 } text)
            Screen.Line("    " + text.TrimEnd().ReplaceLineEndings("\n    "));
    }
}
