using System.Diagnostics;
using VmDataset.Pipeline.Generators;
using VmDataset.Pipeline.Settings;

namespace VmDataset.ControlPlane.Engines;

/// <summary>What the whole API stands on: settings, logs, address, clock and one engine.</summary>
internal static class EngineSetup
{
    /// <exception cref="StartUpException">A setting is wrong.</exception>
    public static void AddEngine(this WebApplicationBuilder builder)
    {
        var options = new EngineOptionsReader(builder.Configuration).Read();
        builder.Logging.AddSimpleConsole(static console => console.SingleLine = true);
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        if (!HasAddress(builder.Configuration)) builder.WebHost.UseUrls($"http://127.0.0.1:{options.Port}");

        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(new GeneratorCatalog(options.GeneratorsDir));
        switch (options.Engine)
        {
            case EngineKind.Local:
                builder.Services.AddLocalEngine(options);
                break;
            default:
                throw new UnreachableException();
        }
    }

    /// <exception cref="StartUpException">The engine cannot be had.</exception>
    public static void OpenEngine(this WebApplication app) => LocalEngine.Open(app.Services);

    private static bool HasAddress(ConfigurationManager configuration) =>
        new[] { "urls", "http_ports", "https_ports" }.Any(key => !string.IsNullOrEmpty(configuration[key]))
        || configuration.GetSection("Kestrel:Endpoints").Exists();
}
