using Microsoft.Extensions.Configuration;
using VmDataset.Pipeline.Settings;
using VmDataset.Worker.Options;

namespace VmDataset.Worker.Hosting;

/// <summary>What <c>Worker check FOLDER</c> takes.</summary>
internal sealed record FolderTrialOptions
{
    public required string Folder { get; init; }

    /// <summary>Samples of each generator (<c>--samples</c>), 1 to 1,000.</summary>
    public int Samples { get; init; } = 1;

    /// <summary>The file for the table (<c>--output</c>); null prints it.</summary>
    public string? Output { get; init; }

    /// <summary>The worker's settings; <c>--jobs</c> is its number of lanes.</summary>
    public WorkerSettings Worker { get; init; } = new();

    /// <exception cref="StartUpException">A setting is wrong; the message lists all that are.</exception>
    public static FolderTrialOptions Read(string folder, string[] args)
    {
        // JOBS and OUTPUT may stand in an environment for something else.
        var flags = new SettingsReader(new ConfigurationBuilder().AddCommandLine(args).Build(), static name => $"--{name.ToLowerInvariant()}");
        var settings = new SettingsReader(new ConfigurationBuilder().AddEnvironmentVariables().AddCommandLine(args).Build());
        var worker = WorkerSettings.Read(settings);
        var options = new FolderTrialOptions
        {
            Folder = Path.GetFullPath(folder),
            Samples = flags.WholeNumber(nameof(Samples), 1, 1_000) ?? 1,
            Output = flags.Text(nameof(Output)),
            Worker = worker with { Lanes = flags.WholeNumber("Jobs", 1, 256) ?? worker.Lanes },
        };
        flags.ThrowIfWrong();
        if (!Directory.Exists(options.Folder)) settings.Mistake($"The generators folder is '{folder}', which does not exist.");
        settings.ThrowIfWrong();
        return options;
    }
}
