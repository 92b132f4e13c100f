using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using VmDataset.ControlPlane.Reconciliation;
using VmDataset.ControlPlane.Tests.Datasets;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Queue;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;

namespace VmDataset.ControlPlane.Tests;

/// <summary>The whole application in this process, on folders of its own, without a worker: messages stay where they are.</summary>
public sealed class Api : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Action<IServiceCollection>? _configure;
    private readonly IReadOnlyDictionary<string, string> _settings;
    private WebApplicationFactory<Program> _factory;

    /// <summary>With the generators <c>alpha</c>, <c>beta</c> and, unusable, <c>broken</c>.</summary>
    public Api()
        : this(configure: null, settings: null)
    {
        AddGenerator("alpha");
        AddGenerator("beta");
        AddGenerator("broken", entry: null);
    }

    private Api(Action<IServiceCollection>? configure, IReadOnlyDictionary<string, string>? settings)
    {
        (_configure, _settings) = (configure, settings ?? new Dictionary<string, string>());
        Directory.CreateDirectory(GeneratorsDir);
        _factory = Build();
    }

    /// <summary>Without a generator, and with services and settings of a test's own.</summary>
    public static Api Empty(Action<IServiceCollection>? configure = null, IReadOnlyDictionary<string, string>? settings = null) => new(configure, settings);

    /// <summary>Has nothing reconcile jobs by itself.</summary>
    public static void RemoveLoop(IServiceCollection services)
    {
        foreach (var loop in services.Where(static each => each.ServiceType == typeof(IHostedService) && each.ImplementationType == typeof(ReconcileLoop)).ToList())
            services.Remove(loop);
    }

    /// <summary>Puts a test's store before the application's own.</summary>
    public static void WrapStore(IServiceCollection services, Func<IObjectStore, IObjectStore> wrap)
    {
        var own = services.Last(static each => each.ServiceType == typeof(IObjectStore)).ImplementationFactory!;
        services.AddSingleton(provider => wrap((IObjectStore)own(provider)));
    }

    public ShiftedTime Time { get; } = new();

    public string DataDir => _folder.Combine("data");

    public string GeneratorsDir => _folder.Combine("generators");

    public IServiceProvider Services => _factory.Services;

    public IObjectStore Store => Services.GetRequiredService<IObjectStore>();

    public IBatchQueue Queue => Services.GetRequiredService<IBatchQueue>();

    public IDeadLetterQueue DeadLetters => Services.GetRequiredService<IDeadLetterQueue>();

    public HttpClient Client() => _factory.CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false });

    /// <summary>Sends a request of which everything can be set, its body's stream too.</summary>
    public Task<HttpContext> SendAsync(Action<HttpContext> prepare) => _factory.Server.SendAsync(prepare);

    /// <summary>Starts a pass over every pending job that is due, as the loop does each second; then writes the datasets that were sent.</summary>
    public async Task ReconcileAsync()
    {
        await Services.GetRequiredService<ReconcileScheduler>().RunAsync(TestContext.Current.CancellationToken);
        await Services.WriteDatasetsAsync();
    }

    /// <summary>One whole pass over a pending job, whether it is due or not.</summary>
    public async Task PassAsync(string jobId)
    {
        var token = TestContext.Current.CancellationToken;
        var marked = (await Services.GetRequiredService<PendingJobs>().ListAsync(token).ToListAsync(token)).Single(each => each.JobId == jobId);
        await Services.GetRequiredService<JobReconciler>().ReconcileAsync(jobId, marked.Since, null, token, token);
        await Services.WriteDatasetAsync(jobId);
    }

    /// <summary>The job of a preview that is asked for; null if there is none.</summary>
    public async Task<Job?> FindPreviewAsync()
    {
        await foreach (var (id, _) in Services.GetRequiredService<PendingJobs>().ListAsync())
            if (JobId.IsPreview(id) && await Services.GetRequiredService<JobStore>().FindAsync(id) is { } job) return job;
        return null;
    }

    /// <summary>As at SIGTERM.</summary>
    public Task StopAsync() => Services.GetRequiredService<IHost>().StopAsync();

    /// <summary>Ends the application and starts it anew on the same folders.</summary>
    public async Task RestartAsync()
    {
        await EndAsync();
        _factory = Build();
    }

    private async Task EndAsync()
    {
        await _factory.DisposeAsync();
        // The program's own thread may be the one that disposes of the services, and be at it still.
        await Eventually.BeTrueAsync(() => Task.FromResult(IsFree(Path.Combine(DataDir, "engine.lock"))));
    }

    private static bool IsFree(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            return true;
        }
        catch (DirectoryNotFoundException)
        {
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    public void AddGenerator(string name, string? entry = Entry, string? readme = null)
    {
        var folder = Directory.CreateDirectory(Path.Combine(GeneratorsDir, name, "examples"));
        if (entry is not null) File.WriteAllText(Path.Combine(folder.FullName, "generate.py"), entry);
        if (readme is not null) File.WriteAllText(Path.Combine(GeneratorsDir, name, "README.md"), readme);
    }

    public async Task<JsonElement> GetAsync(string url, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var client = Client();
        using var answer = await client.GetAsync(new Uri(url, UriKind.Relative));
        return await ReadAsync(answer, expected);
    }

    public async Task<JsonElement> PostJobAsync(string body, HttpStatusCode expected = HttpStatusCode.Accepted)
    {
        using var client = Client();
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync(new Uri("/v1/jobs", UriKind.Relative), content);
        return await ReadAsync(answer, expected);
    }

    /// <summary>Submits a job and returns its record.</summary>
    public async Task<Job> SubmitAsync(string body)
    {
        var id = (await PostJobAsync(body)).GetProperty("id").GetString()!;
        return (await Services.GetRequiredService<JobStore>().FindAsync(id))!;
    }

    public Task<Job?> FindAsync(string jobId) => Services.GetRequiredService<JobStore>().FindAsync(jobId);

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _folder.Dispose();
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage answer, HttpStatusCode expected)
    {
        var body = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(expected, body);
        return JsonElement.Parse(body);
    }

    private WebApplicationFactory<Program> Build() => new WebApplicationFactory<Program>().WithWebHostBuilder(host =>
    {
        host.UseSetting("DataDir", DataDir)
            .UseSetting("GeneratorsDir", GeneratorsDir)
            .UseSetting("EmbeddedWorker", "false")
            .UseSetting("Logging:LogLevel:Default", "None")
            .UseSetting("environment", "Production");
        foreach (var (name, value) in _settings) host.UseSetting(name, value);
        host.ConfigureTestServices(services =>
        {
            services.AddSingleton<TimeProvider>(Time);
            _configure?.Invoke(services);
        });
    });

    private const string Entry = """
        parser.add_argument("--num-samples", type=int)
        parser.add_argument("--seed", type=int)
        parser.add_argument("--output", type=str)
        """;
}

/// <summary>The system's clock, set ahead by as much as a test wants.</summary>
public sealed class ShiftedTime : TimeProvider
{
    public TimeSpan Shift { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Shift;
}
