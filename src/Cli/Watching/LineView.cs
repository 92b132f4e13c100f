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
        Write($"{job.State}: {JobText.Progress(job)}{dataset}");
    }

    public void Show(Failure failure) => write($"failed: {JobText.Failure(failure).ReplaceLineEndings(" ")}");

    public void ShowAway(string message) => Write($"waiting: {message.Split('\n')[0]}");

    private void Write(string line)
    {
        if (line == _last) return;
        _last = line;
        write(line);
    }
}
