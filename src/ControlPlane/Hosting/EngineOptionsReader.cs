using VmDataset.ControlPlane.Auth;
using VmDataset.ControlPlane.Settings;
using VmDataset.ControlPlane.Webhooks;
using VmDataset.Pipeline.Aws;
using VmDataset.Pipeline.Settings;
using VmDataset.Worker.Options;

namespace VmDataset.ControlPlane.Hosting;

/// <summary>Reads the settings and reports everything wrong with them at once.</summary>
internal static class EngineOptionsReader
{
    /// <param name="configuration">The settings.</param>
    /// <param name="withGenerators">Whether generators are needed: their folder, or the index in its place, must then exist.</param>
    /// <exception cref="StartUpException">A setting is wrong; the message lists all that are.</exception>
    public static EngineOptions Read(IConfiguration configuration, bool withGenerators = true)
    {
        var settings = new SettingsReader(configuration);
        var defaults = new EngineOptions();
        var engine = settings.Choice(nameof(EngineOptions.Engine), defaults.Engine);
        var index = Index(settings);
        var onLambda = settings.Text("AwsLambdaFunctionName") is not null;
        var options = new EngineOptions
        {
            Engine = engine,
            DataDir = settings.Folder(nameof(EngineOptions.DataDir), defaults.DataDir),
            GeneratorsDir = settings.Folder(nameof(EngineOptions.GeneratorsDir), defaults.GeneratorsDir, withGenerators && index is null ? "generators" : null),
            GeneratorsIndex = index,
            Port = settings.WholeNumber(nameof(EngineOptions.Port), 0, 65_535) ?? defaults.Port,
            EmbeddedWorker = settings.Flag(nameof(EngineOptions.EmbeddedWorker), engine == EngineKind.Local),
            Worker = WorkerSettings.Read(settings),
            WorkerFunctionName = settings.Text(nameof(EngineOptions.WorkerFunctionName)),
            Host = HostSettings.Read(settings, onLambda),
            OnLambda = onLambda,
            Access = AccessOptionsReader.Read(settings),
            Webhooks = WebhookOptionsReader.Read(settings),
            Aws = engine == EngineKind.Aws ? AwsOptionsReader.Read(settings) : null,
        };
        if (IsWithin(options.DataDir, options.GeneratorsDir))
            settings.Mistake($"DATA_DIR is '{options.DataDir}', which lies in GENERATORS_DIR; allowed: a folder outside of it, as each folder there is a generator.");
        if (options.GeneratorsIndex is not null && options.EmbeddedWorker)
            settings.Mistake("GENERATORS_INDEX is set and EMBEDDED_WORKER is true; allowed: one of them, as a worker needs the generators themselves.");
        settings.ThrowIfWrong();
        return options;
    }

    private static string? Index(SettingsReader settings)
    {
        if (settings.Text(nameof(EngineOptions.GeneratorsIndex)) is not { } path) return null;
        if (!File.Exists(path)) settings.Mistake($"GENERATORS_INDEX is '{path}', which is no file; allowed: a file made by 'Worker index <folder>'.");
        return Path.GetFullPath(path);
    }

    private static bool IsWithin(string folder, string root) =>
        Path.TrimEndingDirectorySeparator(folder) == Path.TrimEndingDirectorySeparator(root)
        || folder.StartsWith(Path.TrimEndingDirectorySeparator(root) + Path.DirectorySeparatorChar, StringComparison.Ordinal);
}
