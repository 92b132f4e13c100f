using VmDataset.Cli.Api;
using VmDataset.Cli.Output;

namespace VmDataset.Cli.Watching;

/// <summary>A line for each change, for logs and pipes.</summary>
internal sealed class LineView(Action<string> write) : IProgressView
{
    private string _last = "";

    public void Show(Job job)
    {
        var dataset = job.Succeeded && job.Dataset is { State: not "ready" } ? "; the dataset is being written" : "";
        // In a log only news are written: a rate that moves a little is none.
        Write($"{job.State}: {JobText.Progress(job)}{dataset}", $"{job.State} {job.Samples}{dataset}");
    }

    public void Show(Failure failure) => write($"failed: {JobText.Failure(failure).ReplaceLineEndings(" ")}");

    public void ShowAway(string message) => Write($"waiting: {message.Split('\n')[0]}", message);

    private void Write(string line, string news)
    {
        if (news == _last) return;
        _last = news;
        write(line);
    }
}
