using VmDataset.Worker.Lanes;

namespace VmDataset.Worker.Hosting;

/// <summary>Finds out at the start whether generators can be confined, which only the generator host can tell.</summary>
public sealed class SandboxCheck(Zygote zygote, WorkerOptions options)
{
    /// <summary>Starts the host, which logs what it cannot do; waits for it only where a sandbox is required.</summary>
    /// <exception cref="StartUpException">It is required and cannot be had.</exception>
    public async Task RunAsync()
    {
        var status = zygote.GetStatusAsync();
        if (options.Sandbox != SandboxMode.Required) return;
        if ((await status).Problem is { } problem && zygote.Sandbox is { Whole: false }) throw new StartUpException(problem);
    }
}
