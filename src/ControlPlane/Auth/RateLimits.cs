using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;

namespace VmDataset.ControlPlane.Auth;

/// <summary>Requests a minute: per caller, and per address for those who are nobody yet. Each instance counts for itself.</summary>
internal static class RateLimits
{
    public static void AddRateLimits(this IServiceCollection services)
    {
        services.AddSingleton<FailedLogins>();
        services.AddRateLimiter(static options => options.OnRejected = static (rejection, cancellationToken) =>
            RefuseAsync(rejection.HttpContext,
            "There were more requests than this caller may make in a minute.", RetryAfter(rejection.Lease)));
        services.AddOptions<RateLimiterOptions>().Configure<AccessLimits>(static (options, limits) =>
            options.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(http => limits.RequestsPerMinute is { } perMinute
                ? RateLimitPartition.GetTokenBucketLimiter(Caller.Of(http.User)?.Id ?? "address:" + FailedLogins.Address(http), _ =>
                    Bucket(perMinute))
                : RateLimitPartition.GetNoLimiter("")));
    }

    /// <summary>A whole minute's requests may come at once; from then on they come back one by one.</summary>
    public static TokenBucketRateLimiterOptions Bucket(int perMinute) => new()
    {
        TokenLimit = perMinute,
        TokensPerPeriod = 1,
        ReplenishmentPeriod = TimeSpan.FromMinutes(1) / perMinute,
    };

    public static TimeSpan RetryAfter(RateLimitLease lease) =>
        lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : TimeSpan.FromSeconds(1);

    public static async ValueTask RefuseAsync(HttpContext http, string detail, TimeSpan retryAfter) =>
        await Problem.TooMany(detail, retryAfter).ExecuteAsync(http);
}
