using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace VmDataset.Tests.Aws;

/// <summary>
/// The AWS of the tests: the address in <c>AWS_ENDPOINT_URL</c>, else <c>moto_server</c>, started once for the process on a free
/// port. A test that needs it is skipped where there is neither.
/// </summary>
public sealed class AwsEmulator
{
    public const string Region = "eu-central-1";

    private static readonly Lazy<Task<AwsEmulator>> Shared = new(StartAsync);
    private readonly Process? _process;

    private AwsEmulator(Uri endpoint, Process? process)
    {
        (Endpoint, _process) = (endpoint, process);
        // The SDK's own chain finds these; an emulator takes any.
        Environment.SetEnvironmentVariable("AWS_ACCESS_KEY_ID", "test");
        Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", "test");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Kill();
    }

    public Uri Endpoint { get; }

    /// <summary>The emulator that all tests of this process share, each with names of its own.</summary>
    public static async Task<AwsEmulator> GetAsync()
    {
        Assert.SkipWhen(Configured is null && Find("moto_server") is null, "needs moto_server (pip install 'moto[server]') or AWS_ENDPOINT_URL");
        return await Shared.Value;
    }

    /// <summary>The path of a program on PATH; null when there is none.</summary>
    public static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    /// <summary>Runs the <c>aws</c> command against the emulator and gives what it prints.</summary>
    public async Task<string> CliAsync(params IEnumerable<string> arguments)
    {
        var program = Find("aws");
        Assert.SkipWhen(program is null, "needs the aws command (AWS CLI)");
        var start = new ProcessStartInfo(program!, ["--endpoint-url", Endpoint.AbsoluteUri, "--region", Region, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(0, await errors);
        return output;
    }

    private static string? Configured => Environment.GetEnvironmentVariable("AWS_ENDPOINT_URL") is { Length: > 0 } url ? url : null;

    private static async Task<AwsEmulator> StartAsync()
    {
        if (Configured is { } url) return new AwsEmulator(new Uri(url), null);
        var port = FreePort();
        var start = new ProcessStartInfo(Find("moto_server")!, ["-H", "127.0.0.1", "-p", $"{port}"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        // Its sitecustomize.py makes conditional writes atomic, as they are on S3.
        start.Environment["PYTHONPATH"] = Path.Combine(AppContext.BaseDirectory, "emulator");
        var process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var emulator = new AwsEmulator(new Uri($"http://127.0.0.1:{port}"), process);
        using var client = new HttpClient();
        await Eventually.BeTrueAsync(async () =>
        {
            if (process.HasExited) throw new InvalidOperationException($"moto_server ended with code {process.ExitCode}.");
            try
            {
                using var answer = await client.GetAsync(new Uri(emulator.Endpoint, "/moto-api/data.json"));
                return answer.StatusCode == HttpStatusCode.OK;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        });
        return emulator;
    }

    private void Kill()
    {
        if (_process is { HasExited: false }) _process.Kill(entireProcessTree: true);
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
