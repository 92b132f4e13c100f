using VmDataset.Pipeline.Datasets;
using VmDataset.Pipeline.Deduplication;
using VmDataset.Pipeline.Dispatch;
using VmDataset.Pipeline.Exports;
using VmDataset.Worker.Batches;
using VmDataset.Worker.Datasets;
using VmDataset.Worker.Duplicates;
using VmDataset.Worker.Exports;
using VmDataset.Worker.Lanes;
using VmDataset.Worker.Messages;
using VmDataset.Worker.Polling;
using VmDataset.Worker.Samples;
using VmDataset.Worker.Telemetry;
using VmDataset.Worker.Trials;

namespace VmDataset.Worker.Hosting;

public static class WorkerServices
{
    /// <summary>Adds what turns a message into samples. Needs the two ports, <see cref="GeneratorCatalog"/>,
    /// <see cref="PipelineServices.AddJobReading"/> and a <see cref="TimeProvider"/>; brings <see cref="IGeneratorRuntime"/>. If there is a
    /// <see cref="FailureBudget"/>, it is checked at each failure.</summary>
    public static IServiceCollection AddBatchProcessing(this IServiceCollection services, Func<IServiceProvider, WorkerOptions> options) =>
        services
        .AddSingleton(provider => ScratchReady(options(provider)))
        .AddSingleton<Zygote>()
        .AddSingleton<IGeneratorRuntime>(static provider => provider.GetRequiredService<Zygote>())
        .AddSingleton<SandboxCheck>()
        .AddSingleton<LanePool>()
        .AddSingleton<IsolatedLane>()
        .AddSingleton<WorkerProgress>()
        .AddSingleton<ProofWaits>()
        .AddSingleton<ProcessReuseComparison>()
        .AddSingleton<ProcessReuseProbe>()
        .AddSingleton<ParameterBinder>()
        .AddSingleton<SampleRunner>()
        .AddSingleton<GeneratorTrial>()
        .AddSingleton<DrawnVersions>()
        .AddSingleton<BatchRunner>()
        .AddSingleton<FailureStore>()
        .AddSingleton<FailureHandler>()
        .AddSingleton<IWorkerMetrics, MeterMetrics>()
        .AddSingleton<BatchProcessor>()
        .AddSingleton<JobSubmitter>()
        .AddSingleton<DispatchTaskProcessor>()
        .AddSingleton<KnownSamples>()
        .AddSingleton<DuplicateChecker>()
        .AddSingleton<DuplicateCheckProcessor>()
        .AddSingleton<ShardJoiner>()
        .AddSingleton<DatasetStore>()
        .AddSingleton<DatasetTaskProcessor>()
        .AddSingleton<ExportStore>()
        .AddSingleton<ExportTaskProcessor>()
        .AddSingleton<MessageProcessor>();

    /// <summary>Adds batch processing and a <see cref="PollingWorker"/> that feeds it.</summary>
    public static IServiceCollection AddPollingWorker(this IServiceCollection services, Func<IServiceProvider, WorkerOptions> options) =>
        services
        .AddBatchProcessing(options)
        .AddSingleton<TrialResultStore>()
        .AddHostedService<GeneratorTrialRunner>()
        .AddHostedService<PollingWorker>();

    /// <exception cref="OptionsValidationException">An option is out of its range.</exception>
    private static WorkerOptions ScratchReady(WorkerOptions options)
    {
        if (SettingsBinder.Mistakes(options) is { Count: > 0 } mistakes)
            throw new OptionsValidationException(nameof(WorkerOptions), typeof(WorkerOptions), mistakes);
        // A killed process leaves half-drawn samples behind.
        Scratch.Delete(options.ScratchDir);
        // Its generator host may live a moment longer and remove folders of its own by their names, so this one's have others.
        var own = Path.Combine(options.ScratchDir, Guid.NewGuid().ToString("N")[..12]);
        Directory.CreateDirectory(own);
        return options with { ScratchDir = own };
    }
}
