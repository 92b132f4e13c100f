using VmDataset.ControlPlane.Auth;
using VmDataset.ControlPlane.Settings;
using VmDataset.ControlPlane.Webhooks;
using VmDataset.Pipeline.Aws;
using VmDataset.Pipeline.Settings;
using VmDataset.Worker.Options;

namespace VmDataset.ControlPlane.Hosting;

/// <summary>Reads the settings and reports everything wrong with them at once.</summary>
internal static class BackendOptionsReader
{
    /// <param name="configuration">The settings.</param>
    /// <param name="withGenerators">Whether generators are needed: their folder, or the index in its place, must then exist.</param>
    /// <exception cref="StartUpException">A setting is wrong; the message lists all that are.</exception>
    public static BackendOptions Read(IConfiguration configuration, bool withGenerators = true)
    {
        var settings = new SettingsReader(configuration);
        var defaults = new BackendOptions();
        var engine = settings.Choice(nameof(BackendOptions.Engine), defaults.Engine);
        var index = Index(settings);
        var onLambda = settings.Text("AwsLambdaFunctionName") is not null;
        var options = new BackendOptions
        {
            Engine = engine,
            DataDir = settings.Folder(nameof(BackendOptions.DataDir), defaults.DataDir),
            GeneratorsDir = settings.Folder(nameof(BackendOptions.GeneratorsDir), defaults.GeneratorsDir, withGenerators && index is null ? "generators" : null),
            GeneratorsIndex = index,
            Port = settings.WholeNumber(nameof(BackendOptions.Port), 0, 65_535) ?? defaults.Port,
            EmbeddedWorker = settings.Flag(nameof(BackendOptions.EmbeddedWorker), engine == BackendKind.Local),
            Worker = WorkerSettings.Read(settings),
            WorkerFunctionName = settings.Text(nameof(BackendOptions.WorkerFunctionName)),
            Host = HostSettings.Read(settings, onLambda),
            OnLambda = onLambda,
            Access = AccessOptionsReader.Read(settings),
            Webhooks = WebhookOptionsReader.Read(settings),
            Aws = engine == BackendKind.Aws ? AwsOptionsReader.Read(settings) : null,
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
        if (settings.Text(nameof(BackendOptions.GeneratorsIndex)) is not { } path) return null;
        if (!File.Exists(path)) settings.Mistake($"GENERATORS_INDEX is '{path}', which is no file; allowed: a file made by 'Worker index <folder>'.");
        return Path.GetFullPath(path);
    }

    private static bool IsWithin(string folder, string root) =>
        Path.TrimEndingDirectorySeparator(folder) == Path.TrimEndingDirectorySeparator(root)
        || folder.StartsWith(Path.TrimEndingDirectorySeparator(root) + Path.DirectorySeparatorChar, StringComparison.Ordinal);
}
