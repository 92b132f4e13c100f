using System.Net;
using System.Net.Sockets;

namespace VmDataset.ControlPlane.Webhooks;

internal static class PublicConnection
{
    /// <summary>Resolves the name and connects to the checked address: a second look-up could give another one (DNS rebinding). A name with
    /// any private address is refused: a public name has none.</summary>
    /// <exception cref="PrivateAddressException">An address is not public.</exception>
    public static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var addresses = await Dns.GetHostAddressesAsync(host, cancellationToken);
        if (Array.Find(addresses, static address => !PublicAddress.Is(address)) is not null) throw new PrivateAddressException(host);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>A receiver's address is not public. It is not named: a caller could read an internal network off the answers.</summary>
internal sealed class PrivateAddressException(string host)
    : IOException($"'{host}' has an address that is not public; allowed: public addresses.");
