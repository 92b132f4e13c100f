using Microsoft.Extensions.Configuration;
using VmDataset.Pipeline.Aws;
using VmDataset.Pipeline.Settings;
using VmDataset.Worker.Lambda;

namespace VmDataset.Worker.Hosting;

/// <summary>The settings of a worker process; <see cref="AwsOptions"/> tells what it works on.</summary>
internal sealed record WorkerProcessOptions
{
    public required AwsOptions Aws { get; init; }

    /// <summary>The folder of generators (<c>GENERATORS_DIR</c>).</summary>
    public required string GeneratorsDir { get; init; }

    /// <summary>Folder for samples being drawn and for caches (<c>SCRATCH_DIR</c>); what is in it is removed at start.</summary>
    public required string ScratchDir { get; init; }

    public required WorkerSettings Worker { get; init; }

    /// <summary>Null where Lambda did not start this process.</summary>
    public LambdaEnvironment? Lambda { get; init; }

    /// <exception cref="StartUpException">A setting is wrong; the message lists all that are.</exception>
    public static WorkerProcessOptions Read(IConfiguration configuration)
    {
        var settings = new SettingsReader(configuration);
        var options = new WorkerProcessOptions
        {
            Aws = AwsOptionsReader.Read(settings),
            GeneratorsDir = settings.Folder(nameof(GeneratorsDir), "generators"),
            ScratchDir = settings.Folder(nameof(ScratchDir), Path.Combine(Path.GetTempPath(), "vm-dataset")),
            Worker = WorkerSettings.Read(settings),
            Lambda = LambdaEnvironment.Read(settings),
        };
        if (!Directory.Exists(options.GeneratorsDir))
            settings.Mistake($"GENERATORS_DIR is '{options.GeneratorsDir}', which does not exist; allowed: the folder of the generators.");
        settings.ThrowIfWrong();
        return options;
    }

    public WorkerOptions WorkerOptions()
    {
        var settings = Lambda is null ? Worker : Worker with { Lanes = Worker.Lanes ?? Lambda.Lanes, LaneMemoryMb = Worker.LaneMemoryMb ?? Lambda.LaneMemoryMb };
        return settings.Options(Path.Combine(ScratchDir, "scratch"), Path.Combine(ScratchDir, "state"));
    }
}
