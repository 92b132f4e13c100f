using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using VmDataset.Pipeline.Aws;
using VmDataset.Pipeline;
using VmDataset.Pipeline.Generators;
using VmDataset.Pipeline.Settings;
using VmDataset.Worker.Lambda;
using VmDataset.Worker.Metrics;

namespace VmDataset.Worker.Hosting;

/// <summary>A worker on SQS and S3, under either host.</summary>
internal static class WorkerProcess
{
    public static async Task<int> RunAsync(string[] args)
    {
        var builder = Host.CreateApplicationBuilder(args);
        var runtime = RuntimeApi.Find(builder.Configuration);
        try
        {
            return await RunAsync(builder, runtime);
        }
        catch (StartUpException exception) when (runtime is not null)
        {
            // Else the function's caller would see a time-out, and only the log the reason.
            await runtime.FailInitAsync(exception);
            throw;
        }
    }

    private static async Task<int> RunAsync(HostApplicationBuilder builder, RuntimeApi? runtime)
    {
        var options = WorkerProcessOptions.Read(builder.Configuration);
        using var scratch = new ScratchFolder(options.ScratchDir);
        AddServices(builder, options, scratch);
        using var host = builder.Build();
        if (runtime is not null) return await host.Services.GetRequiredService<LambdaWorker>().RunAsync(runtime);
        await host.Services.GetRequiredService<ReachCheck>().RunAsync();
        await host.RunAsync();
        return 0;
    }

    private static void AddServices(HostApplicationBuilder builder, WorkerProcessOptions options, ScratchFolder scratch)
    {
        builder.Services
            .AddSingleton(TimeProvider.System)
            .AddSingleton(new GeneratorCatalog(options.GeneratorsDir))
            .AddJobReading()
            .AddAwsPorts(options.Aws);
        if (options.Lambda is null)
        {
            builder.Logging.AddSimpleConsole(static console => (console.SingleLine, console.IncludeScopes) = (true, true));
            builder.Services.AddPollingWorker(_ => options.WorkerOptions(scratch)).AddSingleton<ReachCheck>()
                // Longer than any platform waits by default: what it allows is used.
                .Configure<HostOptions>(static host => host.ShutdownTimeout = TimeSpan.FromSeconds(110));
            return;
        }

        // CloudWatch Logs finds fields in JSON, the job's and generator's names among them.
        builder.Logging.ClearProviders().AddJsonConsole(static console => console.IncludeScopes = true);
        builder.Services.AddBatchProcessing(_ => options.WorkerOptions(scratch)).AddSingleton<LambdaWorker>().AddSingleton<SqsEventHandler>()
            .AddSingleton<IWorkerMetrics>(static provider => new EmbeddedMetrics(Console.Out, provider.GetRequiredService<TimeProvider>()));
    }
}
