using System.CommandLine;
using VmDataset.Cli.Api;
using VmDataset.Cli.CommandLine;
using VmDataset.Cli.Output;
using VmDataset.Cli.Watching;

namespace VmDataset.Cli.Jobs;

/// <summary>Submits a job, after its plan was shown and agreed to.</summary>
internal static class SubmitVerb
{
    private const int Tries = 3;

    public static Command Verb()
    {
        var options = new SubmitOptions();
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not show the plan and ask." };
        var wait = new Option<bool>("--wait") { Description = "Show the progress until the job has ended; 0 only if it succeeded." };
        var key = Verbs.Text("--idempotency-key",
            "A key of your own: a second submission with it gives the first one's job. Default: a random one, for lost answers.", "KEY");
        return Verbs.Create("submit",
            "Submit a job. Shows what it will take and asks. Prints the job's id and its address. POLL_SECONDS is the pause between two looks with --wait.",
            [.. options.All, yes, wait, key], async session =>
            {
                var pause = Values.Pause();
                var request = options.Request(session).ToJsonString();
                if (!session.Has(yes) && !await AgreedAsync(session, request)) return ExitCode.Failed;
                var answer = await PostAsync(session, request, session.Get(key) ?? Guid.NewGuid().ToString());
                var (job, id) = (answer.Value, answer.Value.Id ?? throw NoJob(session, answer));
                if (!session.Screen.IsJson)
                {
                    Screen.Line($"job {id}");
                    Screen.Line($"status {session.Api.Address}{job.Links?.Self ?? $"/v1/jobs/{id}"}");
                }

                Screen.Say(JobText.Accepted(job));
                if (job.Links?.Page is { } page) Screen.Say($"page {session.Api.Address}{page}");
                foreach (var warning in job.Warnings) Screen.Say($"warning: {warning}");
                if (session.Has(wait)) return await JobWait.RunAsync(session, id, answer, pause, onStderr: true);
                session.Screen.Result(answer.Json, static () => { });
                return ExitCode.Done;
            });
    }

    private static async Task<bool> AgreedAsync(Session session, string request)
    {
        if (!Screen.CanAsk) throw new UsageException("Nobody can be asked here, as there is no terminal; allowed: --yes, which submits without asking.");
        var plan = await session.Api.SendAsync(HttpMethod.Post, "/v1/jobs/plan", request, ApiJson.Default.Plan, session.Cancellation);
        foreach (var line in PlanText.Lines(plan.Value)) Screen.Say(line);
        await Console.Error.WriteAsync("Submit? [y/N] ");
        // Ctrl-C ends the wait for an answer too.
        var answer = await Task.Run(Console.ReadLine).WaitAsync(session.Cancellation);
        if (answer?.Trim() is "y" or "Y" or "yes") return true;
        Screen.Say("Nothing was submitted.");
        return false;
    }

    // With its key, a submission whose answer was lost can be sent again and makes one job.
    private static async Task<ApiAnswer<Job>> PostAsync(Session session, string request, string key)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await session.Api.SendAsync(HttpMethod.Post, "/v1/jobs", request, ApiJson.Default.Job, session.Cancellation,
                    202, key);
            }
            catch (ApiException exception) when (attempt < Tries && !exception.NeverConnected
                && exception.Status is null or 502 or 503 or 504)
            {
                await Task.Delay(exception.RetryAfter ?? TimeSpan.FromSeconds(0.5 * attempt), session.Cancellation);
            }
            catch (ApiException exception) when (exception.Status is null && !exception.NeverConnected)
            {
                throw new ApiException($"{exception.Message}\nThe job may have been accepted all the same; see {session.Api.Address}/v1/jobs.",
                    null, exception);
            }
        }
    }

    private static ApiException NoJob(Session session, ApiAnswer<Job> answer) =>
        new($"{session.Api.Address} answered {answer.Status}, but this is no job: {Problem.Start(answer.Json)}", answer.Status);
}
