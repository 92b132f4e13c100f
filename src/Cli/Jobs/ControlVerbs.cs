using System.CommandLine;
using System.Text.Json.Nodes;
using VmDataset.Cli.Api;
using VmDataset.Cli.CommandLine;
using VmDataset.Cli.Output;

namespace VmDataset.Cli.Jobs;

/// <summary>Changes what becomes of a job.</summary>
internal static class ControlVerbs
{
    public static IEnumerable<Command> All() =>
    [
        Cancel(),
        Control("pause", "Pause a job; resume continues it."),
        Control("resume", "Continue a paused job."),
        Retry(),
    ];

    private static Command Control(string name, string description)
    {
        var job = Verbs.Job();
        return Verbs.Create(name, description, [job], session => SendAsync(session, $"/v1/jobs/{session.Need(job)}/{name}", null));
    }

    private static Command Cancel()
    {
        var job = Verbs.Job();
        var reason = Verbs.Text("--reason", "The reason, for people.", "TEXT");
        return Verbs.Create("cancel", "Cancel a job. Finished samples stay.", [job, reason], session =>
            SendAsync(session, $"/v1/jobs/{session.Need(job)}/cancel",
                session.Get(reason) is { } text ? new JsonObject { ["reason"] = text }.ToJsonString() : null));
    }

    private static Command Retry()
    {
        var job = Verbs.Job();
        var generator = Verbs.Text("--generator", "This one's samples alone.", "NAME");
        var cause = Verbs.Text("--cause", "Only the samples that failed for good by this cause, as failures --by-cause names it.", "ID");
        var timeout = Verbs.Number("--timeout", "Seconds that a sample may take from now on.", 1);
        return Verbs.Create("retry", "Draw a job's missing samples anew, with fresh attempts.", [job, generator, cause, timeout], session =>
        {
            JsonObject request = [];
            if (session.Get(generator) is { } name) request["generator"] = name;
            if (session.Get(cause) is { } id) request["cause"] = id;
            if (session.Get(timeout) is { } seconds) request["timeout_seconds"] = seconds;
            return SendAsync(session, $"/v1/jobs/{session.Need(job)}/retry", request.Count > 0 ? request.ToJsonString() : null);
        });
    }

    private static async Task<ExitCode> SendAsync(Session session, string path, string? body)
    {
        var answer = await session.Api.SendAsync(HttpMethod.Post, path, body, ApiJson.Default.Job, session.Cancellation);
        session.Screen.Result(answer.Json, () => Screen.Line($"{answer.Value.Id} {answer.Value.State}: {JobText.Progress(answer.Value)}"));
        return ExitCode.Done;
    }
}
