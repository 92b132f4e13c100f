using System.Net;
using System.Net.Sockets;

namespace VmDataset.ControlPlane.Webhooks;

/// <summary>Tells addresses of the public Internet from all others.</summary>
/// <remarks>After the registries https://www.iana.org/assignments/iana-ipv4-special-registry and
/// https://www.iana.org/assignments/iana-ipv6-special-registry: an address that is not "globally reachable" there is not public.</remarks>
internal static class PublicAddress
{
    private static readonly IPNetwork[] SpecialV4 = Networks(
        "0.0.0.0/8", // this network
        "10.0.0.0/8", // private use
        "100.64.0.0/10", // shared by a carrier's customers
        "127.0.0.0/8", // loopback
        "168.63.129.16/32", // within every Azure machine: its host
        "169.254.0.0/16", // link-local, the metadata of cloud machines among them
        "172.16.0.0/12", // private use
        "192.0.0.0/24", // protocol assignments
        "192.0.2.0/24", // documentation
        "192.88.99.0/24", // former 6to4 relays
        "192.168.0.0/16", // private use
        "198.18.0.0/15", // benchmarking
        "198.51.100.0/24", // documentation
        "203.0.113.0/24", // documentation
        "224.0.0.0/4", // multicast
        "240.0.0.0/4"); // reserved, and broadcast

    // Everything else is special: loopback, unspecified, IPv4-compatible, unique local, link- and site-local, multicast.
    private static readonly IPNetwork GlobalUnicastV6 = IPNetwork.Parse("2000::/3");

    private static readonly IPNetwork[] SpecialV6 = Networks(
        "2001::/23", // protocol assignments, with Teredo, benchmarking and ORCHID
        "2001:db8::/32", // documentation
        "2002::/16", // 6to4: holds an IPv4 address
        "3fff::/20"); // documentation

    // NAT64 holds an IPv4 address in its last four bytes; where machines have IPv6 alone, this is how they reach the rest.
    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");

    public static bool Is(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) return Is(address.MapToIPv4());
        if (address.AddressFamily == AddressFamily.InterNetwork) return !SpecialV4.Any(network => network.Contains(address));
        if (address.AddressFamily != AddressFamily.InterNetworkV6) return false;
        if (Nat64.Contains(address)) return Is(new IPAddress(address.GetAddressBytes()[12..]));
        return GlobalUnicastV6.Contains(address) && !SpecialV6.Any(network => network.Contains(address));
    }

    private static IPNetwork[] Networks(params string[] networks) => [.. networks.Select(IPNetwork.Parse)];
}
