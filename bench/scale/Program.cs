using System.Diagnostics;
using System.Text.Json;
using VmDataset.Bench.Scale;
using VmDataset.Bench.Scale.Api;
using VmDataset.Bench.Scale.Datasets;
using VmDataset.Bench.Scale.Jobs;
using VmDataset.Pipeline.Records;

if (Options.Read(args) is not { } options) return 2;
// The fakes must not wait for threads that the pollers take.
ThreadPool.SetMinThreads(64, 64);
var root = Path.Combine(Path.GetFullPath(options.Folder), $"bench-scale-{Guid.NewGuid():N}");
var isRight = false;
try
{
    await using var aws = await FastAws.StartAsync(options.Latency, Path.Combine(root, "large"));
    if (options.Command == "aws")
    {
        Console.WriteLine(JsonSerializer.Serialize(aws.Environment()));
        while (await Console.In.ReadLineAsync() is not null) Console.WriteLine(JsonSerializer.Serialize(aws.S3.Calls));
        isRight = true;
        return 0;
    }

    Report.Say($"{options.Sizes.Generators} generators of {options.Sizes.Samples:N0} samples in batches of {options.Sizes.BatchSize}; {Environment.ProcessorCount} cores, load {Report.Load()} at the start");
    isRight = options.Command == "api" ? await ApiAsync(aws) : await DatasetAsync(aws);
    return isRight ? 0 : 1;
}
finally
{
    if (isRight) Directory.Delete(root, recursive: true);
    else Report.Say($"What is left of the run, its logs too, lies in {root}");
}

Task<ApiServer> StartAsync(string name, IReadOnlyDictionary<string, string> settings) =>
    ApiServer.StartAsync(Path.Combine(root, name), settings, options.Server);

async Task<bool> DatasetAsync(FastAws aws)
{
    var job = ScaleJob.Finished(options.Sizes);
    var store = ApiStore.Of(aws);
    await store.FillAsync(job);
    store.Fill.Add(FabricatedObject.Of(ObjectKeys.Pending(job.Job.Id), []), DateTimeOffset.UtcNow);
    await using var api = await StartAsync("api", aws.Environment());
    return await new DatasetBenchmark(options, aws, root).RunAsync();
}

async Task<bool> ApiAsync(FastAws aws)
{
    var data = Path.Combine(root, "data");
    var store = options.IsLocal ? ApiStore.Of(Directory.CreateDirectory(data).FullName) : ApiStore.Of(aws);
    var start = Stopwatch.GetTimestamp();
    await store.FillAsync(ScaleJob.Finished(options.Sizes), ScaleJob.Failed(options.Sizes), ScaleJob.Running(options.Sizes));
    Report.Say($"fabricated in {Stopwatch.GetElapsedTime(start).TotalSeconds:0} s");
    var settings = options.IsLocal ? new Dictionary<string, string> { ["DATA_DIR"] = data } : aws.Environment();
    await EndAsync(store, () => StartAsync("earlier", settings),
        ScaleJob.Finished(options.Sizes), ScaleJob.Failed(options.Sizes));
    start = Stopwatch.GetTimestamp();
    await using var api = await StartAsync("api", settings);
    Report.Say($"the API started in {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s");
    return await new ApiBenchmark(options, api, store).RunAsync();
}

// As a process leaves jobs that have ended: their datasets are written, their listings stored, and nothing is left to do.
static async Task EndAsync(ApiStore store, Func<Task<ApiServer>> startAsync, params ScaleJob[] ended)
{
    string[] markers = [.. ended.Select(static job => ObjectKeys.Pending(job.Job.Id))];
    store.Fill.AddAll(markers.Select(static key => FabricatedObject.Of(key, [])), DateTimeOffset.UtcNow);
    await using (await startAsync())
        while (!ended.All(job => store.Fill.HasAny(ObjectKeys.EndedListingPrefix(job.Job.Id, lastEvent: 0)))) await Task.Delay(100);
    foreach (var job in ended) store.Fill.Add(job.Dataset(), job.Job.CreatedAt);
    foreach (var marker in markers) store.Fill.Remove(marker);
}
