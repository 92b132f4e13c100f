using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using VmDataset.ControlPlane.Webhooks;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Records;

namespace VmDataset.ControlPlane.Tests.Webhooks;

public sealed class PrivateAddressTests
{
    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("10.1.2.3")]
    [InlineData("100.64.0.1")]
    [InlineData("100.127.255.255")]
    [InlineData("127.0.0.1")]
    [InlineData("127.255.255.254")]
    [InlineData("168.63.129.16")]
    [InlineData("169.254.169.254")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.0.0.8")]
    [InlineData("192.0.2.1")]
    [InlineData("192.88.99.1")]
    [InlineData("192.168.1.1")]
    [InlineData("198.18.0.1")]
    [InlineData("198.19.255.255")]
    [InlineData("198.51.100.7")]
    [InlineData("203.0.113.7")]
    [InlineData("224.0.0.1")]
    [InlineData("239.255.255.255")]
    [InlineData("240.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("::127.0.0.1")]
    [InlineData("::8.8.8.8")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("64:ff9b::10.0.0.1")]
    [InlineData("64:ff9b:1::8.8.8.8")]
    [InlineData("100::1")]
    [InlineData("2001::1")]
    [InlineData("2001:2::1")]
    [InlineData("2001:db8::1")]
    [InlineData("2002:7f00:1::1")]
    [InlineData("2002:808:808::1")]
    [InlineData("3fff::1")]
    [InlineData("5f00::1")]
    [InlineData("fc00::1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("fe80::1")]
    [InlineData("fe80::1%1")]
    [InlineData("fec0::1")]
    [InlineData("ff02::1")]
    public void Special_addresses_are_not_public(string address) => PublicAddress.Is(IPAddress.Parse(address)).ShouldBeFalse();

    [Theory]
    [InlineData("1.1.1.1")]
    [InlineData("8.8.8.8")]
    [InlineData("100.63.255.255")]
    [InlineData("100.128.0.0")]
    [InlineData("126.255.255.255")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.0")]
    [InlineData("192.167.255.255")]
    [InlineData("198.17.255.255")]
    [InlineData("198.20.0.0")]
    [InlineData("223.255.255.255")]
    [InlineData("::ffff:8.8.8.8")]
    [InlineData("64:ff9b::8.8.8.8")]
    [InlineData("2001:200::1")]
    [InlineData("2600:1f00::1")]
    [InlineData("2a00:1450::1")]
    public void Other_addresses_are_public(string address) => PublicAddress.Is(IPAddress.Parse(address)).ShouldBeTrue();

    /// <summary>The record is written past the check of the request, as a name's address may change after that.</summary>
    [Theory]
    [InlineData("localhost", "'localhost' has an address that is not public; allowed: public addresses.")]
    [InlineData("127.0.0.1", "'127.0.0.1' has an address that is not public; allowed: public addresses.")]
    [InlineData("2130706433", "'127.0.0.1' has an address that is not public")]
    [InlineData("0x7f.1", "'127.0.0.1' has an address that is not public")]
    [InlineData("0177.0.0.01", "'127.0.0.1' has an address that is not public")]
    [InlineData("[::ffff:127.0.0.1]", "has an address that is not public")]
    public async Task No_delivery_connects_to_a_private_address(string host, string reason)
    {
        await using var api = Hooked.Start(null, ("WebhookAllowPrivate", "false"));
        using var listener = ListenOnPrivatePort();
        var job = new Job
        {
            Id = JobId.New(api.Time.GetUtcNow()),
            CreatedAt = api.Time.GetUtcNow(),
            Generators = [new JobGenerator("alpha", null)],
            StartIndex = 0,
            Samples = 10,
            BatchSize = 10,
            Seed = 1,
            OutputFormat = OutputFormat.Files,
            WebhookUrl = new Uri($"https://{host}:{((IPEndPoint)listener.LocalEndpoint).Port}/"),
        };
        await api.Services.GetRequiredService<JobStore>().CreateAsync(job);
        await api.FinishAsync(job, "alpha", 0, 10);

        var view = await api.UntilAttemptsAsync(job, 1);

        Hooked.Attempts(view)[0].GetProperty("error").GetString()!.ShouldContain(reason);
        if (host == "localhost") view.GetRawText().ShouldNotContain("127.0.0.1");
        listener.Pending().ShouldBeFalse();
    }

    /// <summary>Below the ports that the system gives out: whoever connects there means this listener.</summary>
    private static TcpListener ListenOnPrivatePort()
    {
        while (true)
        {
            var listener = new TcpListener(IPAddress.Any, Random.Shared.Next(10_000, 32_000));
            try
            {
                listener.Start();
                return listener;
            }
            catch (SocketException taken) when (taken.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                listener.Dispose();
            }
        }
    }
}
