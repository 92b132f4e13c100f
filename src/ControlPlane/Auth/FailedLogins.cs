using System.Net.Sockets;
using System.Threading.RateLimiting;

namespace VmDataset.ControlPlane.Auth;

/// <summary>Counts refused credentials per address.</summary>
internal sealed class FailedLogins : IDisposable
{
    private const int PerMinute = 30;

    // Made for the first credential: it looks after its addresses ten times a second.
    private readonly Lazy<PartitionedRateLimiter<HttpContext>> _limiter = new(static () =>
        PartitionedRateLimiter.Create<HttpContext, string>(static http =>
            RateLimitPartition.GetTokenBucketLimiter(Address(http), static _ => RateLimits.Bucket(PerMinute))));

    /// <summary>Whom an address stands for: of IPv6 the network of 64 bits, which is what one customer has at least.</summary>
    public static string Address(HttpContext http)
    {
        if (http.Connection.RemoteIpAddress is not { } address) return "";
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        return address.AddressFamily == AddressFamily.InterNetworkV6 ? Convert.ToHexStringLower(address.GetAddressBytes().AsSpan(0, 8))
            : address.ToString();
    }

    public bool IsTooMany(HttpContext http) => _limiter.Value.GetStatistics(http) is { CurrentAvailablePermits: 0 };

    /// <returns>How long to wait if they are too many, else null.</returns>
    public TimeSpan? Note(HttpContext http)
    {
        using var lease = _limiter.Value.AttemptAcquire(http);
        return lease.IsAcquired ? null : RateLimits.RetryAfter(lease);
    }

    public void Dispose()
    {
        if (_limiter.IsValueCreated) _limiter.Value.Dispose();
    }
}
