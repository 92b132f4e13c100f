using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using VmDataset.Pipeline.Aws;
using VmDataset.Pipeline.Generators;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Settings;
using VmDataset.Worker.Lambda;
using VmDataset.Worker.Telemetry;

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
        await host.Services.GetRequiredService<SandboxCheck>().RunAsync();
        using (var stop = new SignalStop())
        {
            try
            {
                await host.Services.GetRequiredService<ConnectivityCheck>().RunAsync(stop.Token);
            }
            catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
            {
                return 0;
            }
        }

        using var bound = ShutdownBound.Watch(host, options.Host);
        await host.RunAsync();
        return 0;
    }

    private static void AddServices(HostApplicationBuilder builder, WorkerProcessOptions options, ScratchFolder scratch)
    {
        builder.AddHostSettings(options.Host, "vm-dataset-worker", scopes: true);
        builder.Services
            .AddSingleton(TimeProvider.System)
            .AddSingleton(new GeneratorCatalog(options.GeneratorsDir))
            .AddJobReading()
            .AddAwsPorts(options.Aws);
        if (options.Lambda is null)
        {
            builder.Services.AddPollingWorker(_ => options.WorkerOptions(scratch)).AddSingleton<ConnectivityCheck>();
            return;
        }

        builder.Services.AddBatchProcessing(_ => options.WorkerOptions(scratch)).AddSingleton<LambdaWorker>().AddSingleton<SqsEventHandler>()
            .AddSingleton<IWorkerMetrics>(static provider => new EmbeddedMetrics(Console.Out, provider.GetRequiredService<TimeProvider>()));
    }
}
