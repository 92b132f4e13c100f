using System.Net;

namespace VmDataset.ControlPlane.Auth;

/// <summary>Where the server is told to listen, as ASP.NET Core reads it from the settings.</summary>
internal static class Bindings
{
    /// <summary>Every address; <c>http_ports</c> count only where there are no <c>urls</c>, as in ASP.NET Core.</summary>
    public static IReadOnlyList<string> Of(IConfiguration configuration)
    {
        var urls = Parts(configuration["urls"]);
        if (urls.Count == 0)
        {
            urls = [.. Parts(configuration["http_ports"]).Select(static port => $"http://*:{port}"),
                .. Parts(configuration["https_ports"]).Select(static port => $"https://*:{port}")];
        }

        // Kestrel's own section goes before the others or behind them, by a setting of its own: both are looked at.
        return [.. urls, .. configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(static endpoint => endpoint["Url"] ?? "")];
    }

    /// <summary>Whether only this machine can reach the address. Other names than localhost make Kestrel listen to every
    /// interface.</summary>
    public static bool IsLoopback(string address)
    {
        try
        {
            var binding = BindingAddress.Parse(address);
            return binding.IsUnixPipe || binding.IsNamedPipe || binding.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
                || (IPAddress.TryParse(binding.Host, out var ip) && IPAddress.IsLoopback(ip));
        }
        catch (FormatException)
        {
            return false;
        }
    }

    /// <summary>The host of an address of this machine, as the header Host has it; null for a socket's path.</summary>
    public static string? Host(string address) =>
        BindingAddress.Parse(address) is { IsUnixPipe: false, IsNamedPipe: false } binding ? binding.Host : null;

    private static List<string> Parts(string? text) =>
        [.. (text ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
}
