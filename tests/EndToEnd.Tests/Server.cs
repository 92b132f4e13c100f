using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace VmDataset.EndToEnd.Tests;

/// <summary>The product as a user runs it: one process, spoken to over HTTP, on a data folder that outlives it.</summary>
public sealed class Server : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly StringBuilder _log = new();
    private readonly string _generators;
    private readonly int _lanes;
    private readonly Dictionary<string, string> _settings;
    private HttpClient? _client;
    private Process? _process;

    public Server(string generators, int lanes = 2, Dictionary<string, string>? settings = null) =>
        (_generators, _lanes, _settings) = (generators, lanes, settings ?? []);

    public static string BuiltIn { get; } = Path.GetFullPath(Path.Combine(Metadata("Repository"), "generators"));

    public static string Misbehaving { get; } = Path.GetFullPath(Path.Combine(Metadata("Repository"), "tests", "generators"));

    public HttpClient Client => _client ?? throw new InvalidOperationException("Start the server first.");

    public string Log
    {
        get
        {
            lock (_log) return _log.ToString();
        }
    }

    public int ProcessId => _process!.Id;

    public string DataDir => _folder.Combine("data");

    public Task<Server> StartAsync() => StartOnAsync(DataDir);

    public async Task<Server> StartOnAsync(string dataDir)
    {
        var port = FreePort();
        var start = new ProcessStartInfo("dotnet", Metadata("Server")) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _folder.Path };
        // Only where a test is about them: they would take a lane now and then.
        start.Environment["CHECK_GENERATORS"] = "false";
        foreach (var (name, value) in _settings) start.Environment[name] = value;
        start.Environment["PORT"] = $"{port}";
        start.Environment["DATA_DIR"] = dataDir;
        start.Environment["GENERATORS_DIR"] = _generators;
        start.Environment["LANES"] = $"{_lanes}";
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Note(line.Data);
        _process.ErrorDataReceived += (_, line) => Note(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        _client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        await Eventually.BeTrueAsync(IsReadyAsync, TimeSpan.FromSeconds(90));
        return this;
    }

    /// <summary>Whether videos can be conformed here.</summary>
    public static async Task<bool> HasPyAvAsync()
    {
        using var python = Process.Start(new ProcessStartInfo(Environment.GetEnvironmentVariable("PYTHON") ?? "python3", ["-c", "import av"]))!;
        await python.WaitForExitAsync();
        return python.ExitCode == 0;
    }

    /// <summary>As <c>kill -9</c>: no part of it can tidy up.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Asks it to end, as a service manager does, and gives its exit code.</summary>
    public async Task<int> StopAsync(string signal = "TERM")
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{_process!.Id}"])!;
        await kill.WaitForExitAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await _process.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    public async Task<string> SubmitAsync(object job)
    {
        using var response = await Client.PostAsJsonAsync("/v1/jobs", job);
        var body = await response.Content.ReadAsStringAsync();
        response.StatusCode.ShouldBe(HttpStatusCode.Accepted, $"{body}\n{Log}");
        return JsonDocument.Parse(body).RootElement.GetProperty("id").GetString()!;
    }

    /// <summary>Reads JSON. A client asks again after 503, the answer while the store is silent, as a saturated emulator is.</summary>
    public async Task<JsonElement> GetAsync(string path) =>
        (await Eventually.GetAsync(() => TryGetAsync(path), static answer => answer is not null, TimeSpan.FromMinutes(1)))!.Value;

    public Task<JsonElement> EndOfAsync(string job, TimeSpan? within = null) => Eventually.GetAsync(
        () => GetAsync($"/v1/jobs/{job}"),
        static view => view.GetProperty("state").GetString() is "succeeded" or "failed",
        within ?? TimeSpan.FromMinutes(4));

    /// <summary>The folder of a job's data files, once there are any.</summary>
    public string DataOf(string job) => Path.Combine(DataDir, "store", "jobs", job, "data");

    /// <summary>Waits until a job's dataset is ready: its samples, and the files that tell of them all.</summary>
    public async Task<SortedDictionary<string, string>> DatasetAsync(string job, TimeSpan? within = null)
    {
        await Eventually.GetAsync(() => GetAsync($"/v1/jobs/{job}"), static view => view.At("dataset.state").GetString() == "ready", within ?? TimeSpan.FromMinutes(4));
        return Hashes(DataOf(job), Directory.EnumerateFiles(DataOf(job), "*", SearchOption.AllDirectories));
    }

    /// <summary>Every file of a job's samples, by its path below the job's data, as SHA-256.</summary>
    public SortedDictionary<string, string> Data(string job) =>
        Hashes(DataOf(job), Directory.EnumerateDirectories(DataOf(job)).SelectMany(static folder => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)));

    private static SortedDictionary<string, string> Hashes(string root, IEnumerable<string> paths)
    {
        SortedDictionary<string, string> hashes = new(StringComparer.Ordinal);
        foreach (var path in paths)
            hashes.Add(Path.GetRelativePath(root, path), Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path))));
        return hashes;
    }

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        if (_process is { HasExited: false })
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process?.Dispose();
        _folder.Dispose();
    }

    private async Task<JsonElement?> TryGetAsync(string path)
    {
        using var response = await Client.GetAsync(path);
        var body = await response.Content.ReadAsStringAsync();
        if (response.StatusCode == HttpStatusCode.ServiceUnavailable) return null;
        response.IsSuccessStatusCode.ShouldBeTrue($"{path} answered {(int)response.StatusCode}: {body}\n{Log}");
        return JsonElement.Parse(body);
    }

    private async Task<bool> IsReadyAsync()
    {
        if (_process!.HasExited) throw new InvalidOperationException($"The server ended with code {_process.ExitCode}:\n{Log}");
        try
        {
            using var response = await Client.GetAsync("/health/ready");
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private void Note(string? line)
    {
        lock (_log) _log.AppendLine(line);
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    internal static string Metadata(string key) => typeof(Server).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == key).Value!;
}
