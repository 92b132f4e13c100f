using System.Buffers.Binary;
using System.ComponentModel;
using System.Net.Sockets;

namespace VmDataset.Worker.Lanes;

/// <summary>Ends processes that may be stopped, and all below them.</summary>
internal static class ProcessTree
{
    // Linux: the process that connected, and its user and group, as three integers.
    private const int SolSocket = 1;
    private const int SoPeerCred = 17;
    private const int CredentialBytes = 12;

    /// <summary>The process at the other end of a Unix socket, which it cannot have invented.</summary>
    public static int PeerOf(Socket socket)
    {
        Span<byte> credentials = stackalloc byte[CredentialBytes];
        return socket.GetRawSocketOption(SolSocket, SoPeerCred, credentials) == CredentialBytes
            ? BitConverter.IsLittleEndian ? BinaryPrimitives.ReadInt32LittleEndian(credentials)
                : BinaryPrimitives.ReadInt32BigEndian(credentials)
            : 0;
    }

    /// <summary>Kills a process and what is below it; one that has ended is no error.</summary>
    public static void Kill(int pid)
    {
        if (pid <= 1) return;
        try
        {
            using var process = Process.GetProcessById(pid);
            Kill(process);
        }
        catch (ArgumentException)
        {
            // It has ended.
        }
    }

    /// <summary>Kills a process that is alive now and has not ended after a while.</summary>
    public static async Task KillUnlessEndedAsync(int pid, TimeSpan within)
    {
        if (pid <= 1) return;
        try
        {
            using var process = Process.GetProcessById(pid);
            using var limit = new CancellationTokenSource(within);
            try
            {
                await process.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                Kill(process);
            }
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or Win32Exception)
        {
            // It has ended.
        }
    }

    /// <summary>The same as <see cref="Kill(int)"/>.</summary>
    public static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception exception) when (exception is InvalidOperationException or Win32Exception or AggregateException
            or NotSupportedException)
        {
            // It has ended meanwhile, or something below it has.
        }
    }
}
