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
}
