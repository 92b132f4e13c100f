using System.CommandLine;
using VmDataset.Cli.Api;
using VmDataset.Cli.CommandLine;

namespace VmDataset.Cli.Watching;

/// <summary>Follows a job that was submitted before.</summary>
internal static class WatchVerb
{
    public static Command Verb()
    {
        var job = Verbs.Job();
        return Verbs.Create("watch",
            "Follow a job until it ends: a table in a terminal, a line for each change elsewhere. 0 only if it succeeded. Ctrl-C leaves the job running. POLL_SECONDS (default 2) is the pause between two looks.",
            [job], async session =>
            {
                var pause = Values.Pause();
                var id = session.Need(job);
                var answer = await session.Api.GetAsync($"/v1/jobs/{id}", ApiJson.Default.Job, session.Cancellation);
                return await JobWait.RunAsync(session, id, answer, pause, onStderr: session.Screen.IsJson);
            });
    }
}
