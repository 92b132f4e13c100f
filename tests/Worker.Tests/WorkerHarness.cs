using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using VmDataset.Pipeline.Dispatch;
using VmDataset.Pipeline.Generators;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Local;
using VmDataset.Pipeline.Queue;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;
using VmDataset.Worker.Batches;
using VmDataset.Worker.Hosting;
using VmDataset.Worker.Options;

namespace VmDataset.Worker.Tests;

/// <summary>A whole worker on a temporary folder: real queue file, real store, real Python.</summary>
public sealed class WorkerHarness : IAsyncDisposable
{
    // With the usual modules, each start of a host would take four times the processor time.
    private static readonly IReadOnlyList<string> TestGeneratorsImport = ["PIL"];

    private readonly TemporaryFolder _folder = new();
    private readonly ServiceProvider _services;

    public WorkerHarness(int lanes = 2, TimeSpan? sampleTimeout = null, string? generators = null, TimeSpan? laneIdleTimeout = null,
        Func<IObjectStore, IObjectStore>? wrapStore = null, string? python = null, SandboxMode sandbox = SandboxMode.Auto, TimeSpan? hostStartTimeout = null, bool withBudget = true,
        bool usualModules = false, bool withApiRights = false)
    {
        Folder = _folder.Path;
        IObjectStore files = new FileSystemObjectStore(_folder.Combine("store"));
        Store = wrapStore?.Invoke(files) ?? files;
        Queue = new SqliteBatchQueue(_folder.Combine("queue.db"), maxReceives: 10);
        var services = new ServiceCollection();
        // As within the API; a worker of its own has none.
        if (withApiRights) services.AddSingleton<FailureBudget>();
        else if (withBudget) services.AddSingleton(all => ActivatorUtilities.CreateInstance<FailureBudget>(all, new JobEventLog(Store, TimeProvider.System)));
        _services = services
            .AddLogging(static logging => logging.AddSimpleConsole(static console => console.SingleLine = true).SetMinimumLevel(LogLevel.Warning))
            .AddSingleton(TimeProvider.System)
            .AddSingleton(withApiRights ? Store : (IObjectStore)new WorkerRightsStore(Store))
            .AddSingleton<IBatchQueue>(Queue)
            .AddSingleton<IDeadLetterQueue>(Queue.DeadLetters)
            .AddSingleton(new GeneratorCatalog((generators ?? TestGenerators).Split(Path.PathSeparator), SharedLibrary.OfProgram()))
            .AddJobReading()
            .AddPollingWorker(_ => new WorkerOptions
            {
                ScratchDir = _folder.Combine("scratch"),
                StateDir = _folder.Combine("state"),
                Lanes = lanes,
                CheckGenerators = false,
                // Else each host would look for one, in a process per folder of PATH that has a python3.
                Python = python ?? Environment.GetEnvironmentVariable("PYTHON"),
                Preload = usualModules || generators == BuiltInGenerators ? null : TestGeneratorsImport,
                Sandbox = sandbox,
                SampleTimeout = sampleTimeout ?? TimeSpan.FromSeconds(60),
                HostStartTimeout = hostStartTimeout ?? TimeSpan.FromSeconds(90),
                LaneIdleTimeout = laneIdleTimeout ?? TimeSpan.FromMinutes(2),
            })
            .BuildServiceProvider();
    }

    /// <summary>The generators that the tests bring along, well-behaved and not.</summary>
    public static string TestGenerators { get; } = Path.Combine(Repository, "tests", "generators");

    public static string BuiltInGenerators { get; } = Path.Combine(Repository, "generators");

    public string Folder { get; }

    public IObjectStore Store { get; }

    public SqliteBatchQueue Queue { get; }

    public T Get<T>() where T : notnull => _services.GetRequiredService<T>();

    /// <summary>Processes one message in the foreground, as if just received.</summary>
    public Task<BatchOutcome> ProcessAsync(string body, int receiveCount = 1, BatchBounds bounds = default) =>
        Get<BatchProcessor>().ProcessAsync(new LeasedMessage(body, "test", receiveCount, "handle"), bounds);

    public Task<BatchOutcome> ProcessAsync(BatchMessage message, int receiveCount = 1, BatchBounds bounds = default) =>
        ProcessAsync(message.ToJson(), receiveCount, bounds);

    /// <summary>Processes what the queue holds until it is empty.</summary>
    public async Task DrainAsync()
    {
        while (await Queue.ReceiveAsync(1, TimeSpan.FromMinutes(5), TimeSpan.Zero) is [var leased])
        {
            (await Get<BatchProcessor>().ProcessAsync(leased, default)).ShouldBe(BatchOutcome.Acknowledge);
            await Queue.DeleteAsync(leased);
        }
    }

    public IHostedService PollingWorker => _services.GetRequiredService<IHostedService>();

    public async Task<List<string>> KeysAsync(string prefix)
    {
        List<string> keys = [];
        await foreach (var entry in Store.ListAsync(prefix)) keys.Add(entry.Key);
        return keys;
    }

    public async Task<RangeSet> DoneAsync(string jobId, string generator) => RangeSet.Of((await KeysAsync(ObjectKeys.DonePrefix(jobId, generator)))
        .Select(static key => ObjectKeys.TryParseRange(key, out _, out var range) ? range : throw new InvalidDataException(key)));

    /// <summary>Every data object of a job below its generator, by name, as SHA-256.</summary>
    public async Task<SortedDictionary<string, string>> DataAsync(string jobId, Func<string, bool>? filter = null)
    {
        SortedDictionary<string, string> hashes = new(StringComparer.Ordinal);
        var prefix = ObjectKeys.DataPrefix(jobId);
        foreach (var key in await KeysAsync(prefix))
        {
            if (filter?.Invoke(key) == false) continue;
            using var found = (await Store.GetAsync(key))!;
            hashes.Add(key[prefix.Length..], Convert.ToHexStringLower(await System.Security.Cryptography.SHA256.HashDataAsync(found.Content)));
        }

        return hashes;
    }

    public static BatchMessage Message(string generator, int start, int count, string jobId = "job", OutputFormat format = OutputFormat.Files, int seed = 1000) =>
        new() { Generator = generator, StartIndex = start, NumSamples = count, Seed = seed, JobId = jobId, OutputFormat = format };

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        _folder.Dispose();
    }

    internal static string Repository
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder.FullName, "global.json"))) folder = folder.Parent!;
            return folder.FullName;
        }
    }
}
