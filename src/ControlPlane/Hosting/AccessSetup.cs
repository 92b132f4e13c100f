using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using VmDataset.ControlPlane.Auth.Keys;
using VmDataset.ControlPlane.Auth.OpenId;
using VmDataset.ControlPlane.Auth.Tokens;

namespace VmDataset.ControlPlane.Hosting;

/// <summary>Who may use the API, and how much of it.</summary>
internal static class AccessSetup
{
    private const string Scheme = "Credentials";
    private const int MaxBodyBytes = 2 << 20;

    public static void AddAccess(this WebApplicationBuilder builder, SettingsBinder settings)
    {
        var services = builder.Services;
        var access = settings.Bind(new AccessOptions());
        services.AddSingleton(access);
        services.AddSingleton<AccessMode>();
        services.AddSingleton<AccessLimits>();
        services.AddSingleton<KeyStore>();
        services.AddSingleton<TokenIssuer>();
        services.AddSingleton<OpenIdSignIn>();
        services.AddSingleton<KeyNames>();
        services.AddSingleton<KeyVerifier>();
        services.AddSingleton<Quotas>();
        services.AddSingleton<IamCallers>();
        services.AddRateLimits();
        services.AddPolicies();
        services.DescribeApi(static options => options.AddDocumentTransformer(CredentialTransformer.Describe)
            .AddOperationTransformer(CredentialTransformer.Require));
        services.AddSingleton<IAuthorizationMiddlewareResultHandler, AuthorizationFailureHandler>();

        // What AddAuthentication does, without its keys for cookies, which would be written to the home folder.
        services.AddAuthenticationCore(static options => options.DefaultScheme = Scheme);
        services.AddWebEncoders();
        services.AddSingleton<IAuthenticationConfigurationProvider, NoOtherSettings>();
        var authentication = new AuthenticationBuilder(services)
            .AddPolicyScheme(Scheme, null, options => options.ForwardDefaultSelector = http => SchemeOf(http, access))
            .AddScheme<AuthenticationSchemeOptions, AnonymousAuthentication>(AnonymousAuthentication.Name, null)
            .AddScheme<AuthenticationSchemeOptions, KeyAuthentication>(KeyAuthentication.Name, null);
        if (access.JwtAuthority is not null) authentication.AddTokens(access);

        services.AddHostNames();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            // Who is let in is decided once, for the addresses of the start: they do not change under it.
            kestrel.Configure(builder.Configuration.GetSection("Kestrel"), reloadOnChange: false);
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
            kestrel.Limits.MaxRequestHeaderCount = 64;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        });
    }

    public static Task DecideAccessAsync(this WebApplication app) => app.Services.GetRequiredService<AccessMode>().DecideAsync();

    public static void UseAccess(this WebApplication app)
    {
        app.UseHostNames();
        app.UseAuthentication();
        app.Use(static async (context, next) =>
        {
            var logger = context.RequestServices.GetRequiredService<ILogger<Caller>>();
            using (logger.BeginScope(new Dictionary<string, object?> { ["CallerId"] = Caller.Of(context.User)?.Id })) await next(context);
        });
        // Each limiter looks after its callers ten times a second.
        if (app.Services.GetRequiredService<AccessLimits>().RequestsPerMinute is not null) app.UseRateLimiter();
        app.UseAuthorization();
    }

    private static string SchemeOf(HttpContext http, AccessOptions access)
    {
        if (http.RequestServices.GetRequiredService<AccessMode>().IsOpen) return AnonymousAuthentication.Name;
        if (access.JwtAuthority is null) return KeyAuthentication.Name;
        var isKey = Credential.TextOf(http.Request)?.StartsWith(KeyText.Prefix, StringComparison.Ordinal) ?? true;
        return isKey ? KeyAuthentication.Name : JwtBearerDefaults.AuthenticationScheme;
    }

    /// <summary>Tokens are judged by <see cref="AccessOptions"/> alone.</summary>
    private sealed class NoOtherSettings : IAuthenticationConfigurationProvider
    {
        public IConfiguration AuthenticationConfiguration { get; } = new ConfigurationBuilder().Build();
    }
}
