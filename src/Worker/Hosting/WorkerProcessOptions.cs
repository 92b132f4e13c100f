using Microsoft.Extensions.Configuration;
using VmDataset.Pipeline.Aws;
using VmDataset.Pipeline.Settings;
using VmDataset.Worker.Lambda;
using VmDataset.Worker.Options;

namespace VmDataset.Worker.Hosting;

/// <summary>The settings of a worker process; <see cref="AwsOptions"/> tells what it works on.</summary>
internal sealed record WorkerProcessOptions
{
    public required AwsOptions Aws { get; init; }

    /// <summary>The folder of generators (<c>GENERATORS_DIR</c>).</summary>
    public required string GeneratorsDir { get; init; }

    /// <summary>Where each worker makes a folder of its own for samples being drawn and for caches (<c>SCRATCH_DIR</c>).</summary>
    public required string ScratchDir { get; init; }

    public required WorkerSettings Worker { get; init; }

    public required HostSettings Host { get; init; }

    /// <summary>Null where Lambda did not start this process.</summary>
    public LambdaEnvironment? Lambda { get; init; }

    /// <exception cref="StartUpException">A setting is wrong; the message lists all that are.</exception>
    public static WorkerProcessOptions Read(IConfiguration configuration)
    {
        var settings = new SettingsReader(configuration);
        var lambda = LambdaEnvironment.Read(settings);
        var options = new WorkerProcessOptions
        {
            Aws = AwsOptionsReader.Read(settings),
            GeneratorsDir = settings.Folder(nameof(GeneratorsDir), "generators", contents: "generators"),
            ScratchDir = settings.Folder(nameof(ScratchDir), Path.Combine(Path.GetTempPath(), "vm-dataset")),
            Worker = WorkerSettings.Read(settings),
            Host = HostSettings.Read(settings, onLambda: lambda is not null),
            Lambda = lambda,
        };
        settings.ThrowIfWrong();
        return options;
    }

    /// <param name="folder">The worker's own.</param>
    public WorkerOptions WorkerOptions(ScratchFolder folder)
    {
        var (scratch, state) = (Path.Combine(folder.Path, "scratch"), Path.Combine(folder.Path, "state"));
        if (Lambda is null) return Worker.Options(scratch, state);
        var lanes = Worker.Lanes ?? Lambda.Lanes;
        // An idle lane holds memory that the next one needs, and no timer ends it while the process is frozen.
        return (Worker with { Lanes = lanes, LaneMemoryMb = Worker.LaneMemoryMb ?? Lambda.LaneMemoryMb }).Options(scratch, state, maxLiveLanes: lanes, name: Lambda.LogStream);
    }
}
