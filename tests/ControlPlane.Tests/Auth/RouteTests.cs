using System.Net;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using VmDataset.ControlPlane.Auth;

namespace VmDataset.ControlPlane.Tests.Auth;

/// <summary>Every endpoint that there is: a new one that states no policy fails here.</summary>
public sealed class RouteTests(RouteTests.ManyRequests setting) : IClassFixture<RouteTests.ManyRequests>
{
    /// <summary>A server that takes a request for each route and credential from one address within a minute.</summary>
    public sealed class ManyRequests : IAsyncDisposable
    {
        public LockedApi Locked { get; } = new(new Dictionary<string, string> { ["REQUESTS_PER_MINUTE"] = "100000" });

        public ValueTask DisposeAsync() => Locked.DisposeAsync();
    }

    private readonly LockedApi _locked = setting.Locked;

    private static readonly string[] Anonymous =
        ["GET /assets/{hash}/{name}", "GET /health/live", "GET /health/ready", "GET /openapi/v1.json", "GET /sign-in", "GET /sign-in/openid", "GET /sign-in/openid/callback", "POST /sign-in"];

    [Fact]
    public async Task Each_route_states_who_may_use_it()
    {
        await StartAsync();
        foreach (var endpoint in Endpoints())
        {
            var open = endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null;
            var stated = endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>().Select(data => data.Policy).ToList();

            Names(endpoint).All(name => Anonymous.Contains(name)).ShouldBe(open, endpoint.DisplayName);
            if (open) continue;
            stated.ShouldNotBeEmpty($"{endpoint.DisplayName} states no policy; add .RequireRole(Role...) to it.");
            stated.ShouldBeSubsetOf(Enum.GetNames<Role>(), endpoint.DisplayName);
            if (Methods(endpoint).Any(method => method is not ("GET" or "HEAD")) && endpoint.RoutePattern.RawText != "/sign-out")
                Policies.Of(endpoint.Metadata).ShouldNotBe(Role.Read, $"{endpoint.DisplayName} changes something");
        }
    }

    [Fact]
    public async Task Each_route_is_shut_to_whoever_has_no_credential_that_holds()
    {
        await StartAsync();
        var (revokedId, revoked) = await _locked.MakeKeyAsync("admin");
        using (var gone = await _locked.SendAsync(HttpMethod.Delete, $"/v1/keys/{revokedId}", _locked.Admin)) gone.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        var (_, expired) = await _locked.MakeKeyAsync("admin", new { expires_at = _locked.Api.Time.GetUtcNow().AddMinutes(1) });
        _locked.Api.Time.Shift += TimeSpan.FromMinutes(2);
        var (_, valid) = await _locked.MakeKeyAsync("admin");
        string?[] credentials = [null, "", "admin", "vmd_", KeyText.New().Text, valid[..^1] + (valid[^1] == 'A' ? 'B' : 'A'), revoked, expired, "eyJhbGciOiJub25lIn0.e30."];

        var seen = 0;
        foreach (var (method, path, role) in Routes())
        {
            foreach (var credential in credentials)
            {
                using var answer = await _locked.SendAsync(method, path, credential);
                seen++;
                // Pages lead people to the sign-in.
                if (answer.Headers.Location?.OriginalString.StartsWith("/sign-in?return=", StringComparison.Ordinal) == true) continue;
                // What is refused too often is refused with 429, and no less.
                answer.StatusCode.ShouldBeOneOf(HttpStatusCode.Unauthorized, HttpStatusCode.TooManyRequests);
                if (answer.StatusCode == HttpStatusCode.Unauthorized) answer.Headers.WwwAuthenticate.ToString().ShouldStartWith("Bearer");
            }
        }

        seen.ShouldBeGreaterThan(100);
    }

    [Fact]
    public async Task Each_route_is_shut_to_lesser_roles_and_open_to_its_own_and_greater_ones()
    {
        await StartAsync();
        // An address that has sent many wrong keys gets no new one looked up: here nobody has.
        await using var quiet = new LockedApi();
        Dictionary<Role, string> keys = [];
        foreach (var role in Enum.GetValues<Role>()) keys[role] = (await quiet.MakeKeyAsync(RoleName.Of(role))).Text;

        foreach (var (method, path, needed) in Routes())
        {
            foreach (var (role, key) in keys)
            {
                using var answer = await quiet.SendAsync(method, path, key);

                if (role < needed) answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden, $"{method} {path} as {role}");
                else answer.StatusCode.ShouldNotBeOneOf(HttpStatusCode.Unauthorized, HttpStatusCode.Forbidden);
            }
        }
    }

    [Theory]
    [InlineData("/health/live", HttpStatusCode.OK)]
    [InlineData("/health/ready", HttpStatusCode.OK)]
    [InlineData("/openapi/v1.json", HttpStatusCode.OK)]
    [InlineData("/swagger/index.html", HttpStatusCode.OK)]
    [InlineData("/sign-in", HttpStatusCode.OK)]
    [InlineData("/", HttpStatusCode.Redirect)]
    [InlineData("/nothing", HttpStatusCode.NotFound)]
    public async Task Public_routes_need_no_credential(string path, HttpStatusCode status) => (await _locked.StatusAsync(path, null)).ShouldBe(status);

    private async Task StartAsync() => (await _locked.StatusAsync("/health/live", null)).ShouldBe(HttpStatusCode.OK);

    private IEnumerable<RouteEndpoint> Endpoints() => _locked.Api.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>();

    private IEnumerable<(HttpMethod Method, string Path, Role Role)> Routes() =>
        from endpoint in Endpoints()
        let role = Policies.Of(endpoint.Metadata)
        where role is not null
        from method in Methods(endpoint)
        select (new HttpMethod(method), PathOf(endpoint.RoutePattern.RawText!), role.Value);

    private static IEnumerable<string> Names(RouteEndpoint endpoint) => Methods(endpoint).Select(method => $"{method} /{endpoint.RoutePattern.RawText!.Trim('/')}");

    private static IReadOnlyList<string> Methods(RouteEndpoint endpoint) => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"];

    private static string PathOf(string pattern) => pattern.Replace("{**path}", "a/b.png", StringComparison.Ordinal)
        .Replace("{name}", "alpha", StringComparison.Ordinal).Replace('{', 'x').Replace('}', 'x');
}
