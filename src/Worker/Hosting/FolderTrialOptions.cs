using Microsoft.Extensions.Configuration;

namespace VmDataset.Worker.Hosting;

/// <summary>What <c>Worker check FOLDER</c> takes.</summary>
internal sealed record FolderTrialOptions
{
    public required string Folder { get; init; }

    /// <summary>Samples of each generator, 1 to 1,000.</summary>
    public int Samples { get; init; } = 1;

    /// <summary>The file for the table; null prints it.</summary>
    public string? Output { get; init; }

    /// <summary>The worker's settings; <c>--jobs</c> is its number of lanes.</summary>
    public WorkerOptions Worker { get; init; } = new() { ScratchDir = Path.GetTempPath(), StateDir = Path.GetTempPath() };

    /// <exception cref="StartUpException">A setting is wrong; the message lists all that are.</exception>
    public static FolderTrialOptions Read(string folder, string[] args)
    {
        // JOBS and OUTPUT may stand in an environment for something else.
        var commandLine = new SettingsBinder(new ConfigurationBuilder().AddCommandLine(args).Build());
        var flags = commandLine.Bind(new FolderTrialFlags(), new FolderTrialFlagsValidator());
        commandLine.ThrowIfWrong();
        var settings = new SettingsBinder(new ConfigurationBuilder().AddEnvironmentVariables().AddCommandLine(args).Build());
        var options = new FolderTrialOptions { Folder = Path.GetFullPath(folder), Samples = flags.Samples, Output = flags.Output };
        var worker = settings.Bind(options.Worker, new WorkerOptionsValidator());
        if (!Directory.Exists(options.Folder)) settings.AddError($"The generators folder is '{folder}', which does not exist.");
        settings.ThrowIfWrong();
        return options with { Worker = worker with { Lanes = flags.Jobs ?? worker.Lanes } };
    }
}

/// <summary>Its flags on the command line.</summary>
internal sealed record FolderTrialFlags
{
    [WholeNumber(1, 1_000, Name = "--samples")]
    public int Samples { get; init; } = 1;

    [Setting(Name = "--output")]
    public string? Output { get; init; }

    [WholeNumber(1, 256, Name = "--jobs")]
    public int? Jobs { get; init; }
}

[OptionsValidator]
internal sealed partial class FolderTrialFlagsValidator : IValidateOptions<FolderTrialFlags>;
