using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace VmDataset.Bench.Scale.Api;

/// <summary>The API in a process of its own.</summary>
internal sealed class ApiServer : IAsyncDisposable
{
    private readonly HttpClient _http;

    private ApiServer(ProductProcess process, Uri address)
    {
        Process = process;
        _http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromMinutes(10) };
    }

    public ProductProcess Process { get; }

    public Uri Address => _http.BaseAddress!;

    /// <summary>Starts it and waits until it is ready.</summary>
    /// <param name="folder">Its working folder.</param>
    /// <param name="settings">Its backend.</param>
    /// <param name="published">The folder of a published build, which starts as in the image; empty: the build beside this program, as
    /// run.sh starts it.</param>
    public static async Task<ApiServer> StartAsync(string folder, IReadOnlyDictionary<string, string> settings, string published)
    {
        var port = FreePort();
        var environment = new Dictionary<string, string>(settings)
        {
            ["PORT"] = $"{port}",
            ["EMBEDDED_WORKER"] = "false",
            ["GENERATORS_DIR"] = Directory.CreateDirectory(Path.Combine(folder, "generators")).FullName,
        };
        var program = published.Length > 0 ? Path.Combine(Path.GetFullPath(published), "ControlPlane.dll") : "Server";
        var api = new ApiServer(new ProductProcess(program, folder, environment), new Uri($"http://127.0.0.1:{port}"));
        var clock = Stopwatch.StartNew();
        while (!await api.IsReadyAsync())
        {
            if (api.Process.HasEnded || clock.Elapsed > TimeSpan.FromMinutes(3))
                throw new InvalidOperationException($"The API did not start; its log is in '{folder}'.");
            await Task.Delay(50);
        }

        return api;
    }

    public async Task<JsonElement> AskAsync(HttpMethod method, string path)
    {
        using var request = new HttpRequestMessage(method, path);
        using var answer = await _http.SendAsync(request);
        var body = await answer.Content.ReadAsStringAsync();
        if (!answer.IsSuccessStatusCode) throw new InvalidOperationException($"{method} {path}: {(int)answer.StatusCode} {body}");
        return JsonElement.Parse(body);
    }

    public Task<byte[]> PageAsync(string path) => _http.GetByteArrayAsync(new Uri(path, UriKind.Relative));

    public Task<JsonElement> GetAsync(string path) => AskAsync(HttpMethod.Get, path);

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Process.DisposeAsync();
    }

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            using var answer = await _http.GetAsync("/health/live");
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
