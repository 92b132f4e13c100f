using Microsoft.AspNetCore.HostFiltering;

namespace VmDataset.ControlPlane.Auth;

/// <summary>
/// Which names in the header Host are answered. The filter that ASP.NET Core puts before everything else lets all through: it
/// would answer without a problem document and the security headers.
/// </summary>
internal static class HostNames
{
    private static readonly object Accepted = new();

    public static void AddHostNames(this IServiceCollection services) =>
        services.PostConfigure<HostFilteringOptions>(static options => options.AllowedHosts = ["*"]);

    public static void UseHostNames(this WebApplication app)
    {
        var access = app.Services.GetRequiredService<AccessOptions>();
        var options = new HostFilteringOptions
        {
            AllowedHosts = [.. access.AllowedHosts ?? (app.Services.GetRequiredService<AccessMode>().IsOpenToThisMachine
                ? OwnNames(app.Configuration) : ["*"])],
            IncludeFailureMessage = false,
        };
        app.Use(static async (http, next) =>
        {
            await next(http);
            if (!http.Items.ContainsKey(Accepted))
                ErrorDetail.Set(http,
                    $"The header Host is '{http.Request.Host}'; allowed: the names by which this server is reached, see its setting ALLOWED_HOSTS.");
        });
        app.UseMiddleware<HostFilteringMiddleware>(new Fixed(options));
        app.Use(static (http, next) =>
        {
            http.Items[Accepted] = true;
            return next(http);
        });
    }

    // A page of another site can give its own name this machine's address (DNS rebinding), but not send one of these names.
    private static IEnumerable<string> OwnNames(IConfiguration configuration) =>
        new[] { "localhost", "127.0.0.1", "[::1]" }.Concat(Bindings.Of(configuration).Select(Bindings.Host).OfType<string>()).Distinct();

    private sealed class Fixed(HostFilteringOptions options) : IOptionsMonitor<HostFilteringOptions>
    {
        public HostFilteringOptions CurrentValue => options;

        public HostFilteringOptions Get(string? name) => options;

        public IDisposable? OnChange(Action<HostFilteringOptions, string?> listener) => null;
    }
}
