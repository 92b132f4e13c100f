using VmDataset.Pipeline.Aws;
using VmDataset.Worker.Hosting;
using VmDataset.Worker.Options;

namespace VmDataset.ControlPlane.Hosting;

/// <summary>What the whole API stands on: logs, address, clock, generators and one backend.</summary>
internal static class BackendSetup
{
    public static BackendOptions AddBackend(this WebApplicationBuilder builder, SettingsBinder settings)
    {
        var backend = settings.Bind(new BackendOptions());
        var local = settings.Bind(new LocalOptions());
        var isLocal = backend.Engine == BackendKind.Local;
        var server = settings.Bind(new ServerOptions { EmbeddedWorker = isLocal });
        if (Path.GetFullPath(local.DataDir) is var data && server.GeneratorsDir.Any(folder => IsWithin(data, Path.GetFullPath(folder))))
            settings.AddError($"DATA_DIR is '{data}', which lies in GENERATORS_DIR; allowed: a folder outside of it, as each folder there is a generator.");
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.AddStartUpLog();
        if (!HasAddress(builder.Configuration)) builder.WebHost.UseUrls($"http://127.0.0.1:{server.Port}");

        builder.Services.AddSingleton(TimeProvider.System).AddSingleton(backend).AddSingleton(local);
        builder.Services.AddGenerators(server);
        if (isLocal) builder.Services.AddLocalBackend();
        else builder.Services.AddAwsBackend(settings.Bind(new AwsOptions()), server.EmbeddedWorker);

        // The folders follow when the data folder is locked.
        var worker = settings.Bind(new WorkerOptions { ScratchDir = local.DataDir, StateDir = local.DataDir });
        if (!server.EmbeddedWorker) return backend;
        if (!isLocal || ProcessHardening.HoldsSecrets()) ProcessHardening.Apply();
        builder.Services.AddPollingWorker(provider => worker with
        {
            ScratchDir = provider.GetRequiredService<DataFolder>().Scratch,
            StateDir = provider.GetRequiredService<DataFolder>().WorkerState,
        });
        return backend;
    }

    /// <exception cref="StartUpException">The engine cannot be had.</exception>
    public static async Task OpenBackendAsync(this WebApplication app)
    {
        // Reads the index.
        app.Services.GetRequiredService<IGeneratorCatalog>();
        if (app.Services.GetRequiredService<BackendOptions>().Engine == BackendKind.Aws) await AwsBackend.OpenAsync(app.Services);
        else LocalBackend.Open(app.Services);
        if (app.Services.GetService<SandboxCheck>() is { } sandbox) await sandbox.RunAsync();
    }

    private static void AddGenerators(this IServiceCollection services, ServerOptions options)
    {
        if (options.GeneratorsIndex is { } index)
        {
            services.AddSingleton<IGeneratorCatalog>(_ => GeneratorIndex.Read(index));
            return;
        }

        // The worker, if there is one here, needs the folders themselves.
        var catalog = new GeneratorCatalog(options.GeneratorsDir, SharedLibrary.OfProgram());
        services.AddSingleton(catalog).AddSingleton<IGeneratorCatalog>(catalog);
    }

    private static bool IsWithin(string folder, string root) =>
        Path.TrimEndingDirectorySeparator(folder) == Path.TrimEndingDirectorySeparator(root)
        || folder.StartsWith(Path.TrimEndingDirectorySeparator(root) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    private static bool HasAddress(ConfigurationManager configuration) =>
        new[] { "urls", "http_ports", "https_ports" }.Any(key => !string.IsNullOrEmpty(configuration[key]))
        || configuration.GetSection("Kestrel:Endpoints").Exists();
}
