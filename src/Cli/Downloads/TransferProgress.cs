using VmDataset.Cli.Output;

namespace VmDataset.Cli.Downloads;

/// <summary>Tells how far a download is: in place in a terminal, a line now and then elsewhere.</summary>
internal sealed class TransferProgress : IAsyncDisposable
{
    private static readonly TimeSpan InPlace = TimeSpan.FromSeconds(0.2);
    private static readonly TimeSpan InLog = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _end = new();
    private readonly bool _terminal = Screen.Terminal(onStderr: true) is not null;
    private readonly TransferCount _count;
    private readonly Task _task;

    public TransferProgress(TransferCount count)
    {
        _count = count;
        _task = ShowAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _task;
        _end.Dispose();
        if (_terminal) Console.Error.WriteLine($"\r{Line()}");
        else Screen.Say(Line());
    }

    private async Task ShowAsync()
    {
        using var timer = new PeriodicTimer(_terminal ? InPlace : InLog);
        try
        {
            while (await timer.WaitForNextTickAsync(_end.Token))
            {
                if (_terminal) await Console.Error.WriteAsync($"\r{Line()}");
                else Screen.Say(Line());
            }
        }
        catch (OperationCanceledException)
        {
            // The download has ended.
        }
    }

    private string Line()
    {
        var total = _count.Total is { } all && all > 0 ? $" of {Figures.Bytes(all)}" : "";
        var left = _count.SecondsLeft is { } seconds ? $", {Figures.Duration(seconds)} left" : "";
        var line = $"{Figures.Count(_count.Files)} files, {Figures.Bytes(_count.Bytes)}{total}, {Figures.Bytes(_count.Rate)}/s{left}";
        // What an earlier, longer line left behind is written over.
        return _terminal ? line.PadRight(Math.Min(78, Math.Max(1, Console.WindowWidth - 1))) : line;
    }
}
