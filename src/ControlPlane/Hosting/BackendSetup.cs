using System.Diagnostics;
using VmDataset.ControlPlane.Settings;
using VmDataset.Pipeline.Generators;
using VmDataset.Pipeline.Settings;
using VmDataset.Worker.Hosting;

namespace VmDataset.ControlPlane.Hosting;

/// <summary>What the whole API stands on: settings, logs, address, clock, generators and one engine.</summary>
internal static class BackendSetup
{
    /// <exception cref="StartUpException">A setting is wrong.</exception>
    public static BackendOptions AddBackend(this WebApplicationBuilder builder)
    {
        var options = BackendOptionsReader.Read(builder.Configuration);
        if (options.EmbeddedWorker && (options.Engine == BackendKind.Aws || ProcessHardening.HoldsSecrets())) ProcessHardening.Apply();
        builder.AddHostSettings(options.Host, "vm-dataset-api", scopes: false);
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.AddStartUpLog();
        if (!HasAddress(builder.Configuration)) builder.WebHost.UseUrls($"http://127.0.0.1:{options.Port}");

        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(TimeProvider.System);
        if (options.GeneratorsIndex is { } index)
        {
            builder.Services.AddSingleton<IGeneratorCatalog>(GeneratorIndex.Read(index));
        }
        else
        {
            // The worker, if there is one here, needs the folder itself.
            var catalog = new GeneratorCatalog(options.GeneratorsDir);
            builder.Services.AddSingleton(catalog).AddSingleton<IGeneratorCatalog>(catalog);
        }

        switch (options.Engine)
        {
            case BackendKind.Local:
                builder.Services.AddLocalBackend(options);
                break;
            case BackendKind.Aws:
                builder.Services.AddAwsBackend(options);
                break;
            default:
                throw new UnreachableException();
        }

        if (options.EmbeddedWorker)
        {
            builder.Services.AddPollingWorker(static provider => provider.GetRequiredService<BackendOptions>().Worker.Options(
                provider.GetRequiredService<DataFolder>().Scratch, provider.GetRequiredService<DataFolder>().WorkerState));
        }

        return options;
    }

    /// <exception cref="StartUpException">The engine cannot be had.</exception>
    public static async Task OpenBackendAsync(this WebApplication app)
    {
        var options = app.Services.GetRequiredService<BackendOptions>();
        if (options.Engine == BackendKind.Aws) await AwsBackend.OpenAsync(app.Services);
        else LocalBackend.Open(app.Services);
        if (options.EmbeddedWorker) await app.Services.GetRequiredService<SandboxCheck>().RunAsync();
    }

    private static bool HasAddress(ConfigurationManager configuration) =>
        new[] { "urls", "http_ports", "https_ports" }.Any(key => !string.IsNullOrEmpty(configuration[key]))
        || configuration.GetSection("Kestrel:Endpoints").Exists();
}
