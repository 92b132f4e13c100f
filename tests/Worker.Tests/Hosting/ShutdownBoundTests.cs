using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using VmDataset.Worker.Hosting;
using VmDataset.Worker.Options;

namespace VmDataset.Worker.Tests.Hosting;

public class ShutdownBoundTests
{
    [Fact]
    public async Task A_stop_that_does_not_end_ends_the_process()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(TimeProvider.System);
        using var host = builder.Build();
        TaskCompletionSource<int> exit = new();
        using var bound = ShutdownBound.Watch(host, new ProcessOptions { ShutdownSeconds = 1 }, code => exit.TrySetResult(code));
        exit.Task.IsCompleted.ShouldBeFalse();

        host.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

        (await exit.Task.WaitAsync(TimeSpan.FromSeconds(20))).ShouldBe(1);
    }

    [Fact]
    public void A_process_that_is_told_again_to_end_ends_once()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(TimeProvider.System);
        using var host = builder.Build();
        List<int> exits = [];
        using var bound = ShutdownBound.Watch(host, new ProcessOptions { ShutdownSeconds = 300 }, exits.Add);

        bound.End(143, "A second signal came");
        bound.End(143, "A second signal came");

        exits.ShouldBe([143]);
    }
}
