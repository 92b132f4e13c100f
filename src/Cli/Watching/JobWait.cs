using Spectre.Console;
using VmDataset.Cli.Api;
using VmDataset.Cli.CommandLine;
using VmDataset.Cli.Output;

namespace VmDataset.Cli.Watching;

/// <summary>Shows a job until it ends, and says how it ended.</summary>
internal static class JobWait
{
    /// <param name="onStderr">Where the progress goes: to stderr beside a result, or to stdout as the result.</param>
    public static async Task<ExitCode> RunAsync(Session session, string id, ApiAnswer<Job> answer, TimeSpan pause, bool onStderr)
    {
        var address = $"{session.Api.Address}/v1/jobs/{id}";
        try
        {
            var end = await ShowAsync(new JobWatcher(session.Api, pause), id, answer, onStderr, session.Cancellation);
            session.Screen.Result(end.Json, static () => { });
            if (end.Value.Succeeded) return ExitCode.Done;
            Screen.Error($"the job's state is '{end.Value.State}'; see {address}/failures");
            if (end.Value.Reason is { } reason) Screen.Say(reason);
            return ExitCode.Failed;
        }
        catch (ApiException exception)
        {
            throw new ApiException($"{exception.Message}\nThe job goes on without this program; see {address}.", exception.Status,
                exception);
        }
        catch (OperationCanceledException) when (session.Cancellation.IsCancellationRequested)
        {
            Screen.Say($"The job goes on without this program; 'vmds watch {id}' shows it again, 'vmds cancel {id}' ends it.");
            return ExitCode.Interrupted;
        }
    }

    private static async Task<ApiAnswer<Job>> ShowAsync(JobWatcher watcher, string id, ApiAnswer<Job> answer, bool onStderr,
        CancellationToken cancellation)
    {
        if (Screen.Terminal(onStderr) is not { } terminal)
            return await watcher.WatchAsync(id, answer, new LineView(onStderr ? Screen.Say : Screen.Line), cancellation);
        return await terminal.Live(new Rows()).StartAsync(live =>
            watcher.WatchAsync(id, answer, new LiveView(live, terminal), cancellation));
    }
}
