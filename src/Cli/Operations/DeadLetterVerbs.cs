using System.CommandLine;
using VmDataset.Cli.Api;
using VmDataset.Cli.CommandLine;
using VmDataset.Cli.Jobs;
using VmDataset.Cli.Output;

namespace VmDataset.Cli.Operations;

/// <summary>Messages that were given up.</summary>
internal static class DeadLetterVerbs
{
    public static Command Verb()
    {
        var verb = new Command("dead-letters", "List, send again or delete the messages that were given up.");
        verb.Add(List());
        verb.Add(Act("redrive", "Send them to the queue again.", HttpMethod.Post, "/redrive"));
        verb.Add(Act("delete", "Delete them.", HttpMethod.Delete, ""));
        return verb;
    }

    private static Option<string?> JobOption(string description) => Verbs.Text("--job", description, "JOB");

    private static Command List()
    {
        var job = JobOption("Those of this job alone.");
        var limit = Verbs.Number("--limit", "At most so many.", 1, 100);
        return Verbs.Create("list", "List the messages that were given up, each with its reason.", [job, limit], async session =>
        {
            var path = "/v1/dead-letters" + ReadingVerbs.Query(("limit", session.Get(limit)?.ToString(CultureInfo.InvariantCulture)),
                ("job_id", session.Get(job)));
            var page = await session.Api.GetAsync(path, ApiJson.Default.DeadLetterPage, session.Cancellation);
            session.Screen.Result(page.Json, () =>
            {
                var grid = new Grid("LETTER", "JOB", "GENERATOR", "SAMPLES", "AGE", "REASON");
                foreach (var each in page.Value.Items)
                    grid.Add(each.Id, each.JobId ?? "", each.Generator ?? "",
                        each is { StartIndex: { } start, Samples: { } samples } ? $"{start}+{samples}" : "",
                        each.AgeSeconds is { } age ? Figures.Duration(age) : "", each.Reason ?? "");
                grid.Write();
            });
            return ExitCode.Done;
        });
    }

    private static Command Act(string name, string description, HttpMethod method, string suffix)
    {
        var letter = new Argument<string?>("LETTER") { Description = "One message's id.", Arity = ArgumentArity.ZeroOrOne };
        var job = JobOption("All those of this job instead.");
        return Verbs.Create(name, description, [letter, job], async session =>
        {
            var path = (session.Get(letter), session.Get(job)) switch
            {
                ({ } one, null) => $"/v1/dead-letters/{Uri.EscapeDataString(one)}{suffix}",
                (null, { } all) => $"/v1/dead-letters{suffix}{ReadingVerbs.Query(("job_id", all))}",
                _ => throw new UsageException($"dead-letters {name} needs LETTER or --job JOB; allowed: one of the two."),
            };
            var answer = await session.Api.SendAsync(method, path, null, ApiJson.Default.DeadLetterOutcome, session.Cancellation);
            session.Screen.Result(answer.Json, () =>
            {
                Screen.Line($"{answer.Value.Taken} messages{(answer.Value.More ? "; there are more, run this again" : "")}");
                foreach (var kept in answer.Value.Kept ?? []) Screen.Say($"kept {kept.Id}: {kept.Reason}");
            });
            return ExitCode.Done;
        });
    }
}
