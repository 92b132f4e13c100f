using VmDataset.Pipeline.Aws;
using VmDataset.Worker.Lambda;
using VmDataset.Worker.Telemetry;

namespace VmDataset.Worker.Hosting;

/// <summary>A worker on SQS and S3, under either host.</summary>
internal static class WorkerProcess
{
    public static async Task<int> RunAsync(string[] args)
    {
        var builder = Host.CreateApplicationBuilder(HostArguments.WithoutReload(args));
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
        var settings = new SettingsBinder(builder.Configuration);
        var lambda = runtime is null ? null : settings.Bind(new LambdaEnvironment());
        var folders = settings.Bind(new WorkerProcessOptions());
        var aws = settings.Bind(new AwsOptions());
        var worker = BindWorker(settings, lambda, folders.ScratchDir);
        var process = builder.AddProcess(settings, "vm-dataset-worker", lambda is not null, scopes: true);
        settings.ThrowIfWrong();
        using var scratch = new ScratchFolder(folders.ScratchDir);
        builder.Services
            .AddSingleton(TimeProvider.System)
            .AddSingleton(new GeneratorCatalog(folders.GeneratorsDir, SharedLibrary.OfProgram()))
            .AddJobReading()
            .AddAwsPorts(aws);
        worker = worker with { ScratchDir = Path.Combine(scratch.Path, "scratch"), StateDir = Path.Combine(scratch.Path, "state") };
        AddWorker(builder.Services, worker, lambda);
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

        using var bound = ShutdownBound.Watch(host, process);
        await host.RunAsync();
        return 0;
    }

    internal static WorkerOptions BindWorker(SettingsBinder settings, LambdaEnvironment? lambda, string scratchDir)
    {
        var defaults = new WorkerOptions { ScratchDir = scratchDir, StateDir = scratchDir };
        if (lambda is null) return settings.Bind(defaults);
        defaults = defaults with { Name = lambda.LogStream ?? defaults.Name, Lanes = lambda.Lanes, LaneMemoryMb = lambda.LaneMemoryMb };
        var options = settings.Bind(defaults);
        // An idle lane holds memory that the next one needs, and no timer ends it while the process is frozen.
        return options with { MaxLiveLanes = options.Lanes };
    }

    private static void AddWorker(IServiceCollection services, WorkerOptions options, LambdaEnvironment? lambda)
    {
        if (lambda is null)
        {
            services.AddPollingWorker(_ => options).AddSingleton<ConnectivityCheck>();
            return;
        }

        services.AddBatchProcessing(_ => options).AddSingleton<LambdaWorker>().AddSingleton<SqsEventHandler>()
            .AddSingleton<IWorkerMetrics>(static provider => new EmbeddedMetrics(Console.Out, provider.GetRequiredService<TimeProvider>()));
    }
}
