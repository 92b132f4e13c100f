using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using VmDataset.Bench.Datasets;
using VmDataset.Bench.Fabrication;
using VmDataset.Pipeline.Datasets;
using VmDataset.Pipeline.Deduplication;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Local;
using VmDataset.Pipeline.Queue;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;
using VmDataset.Worker.Datasets;
using VmDataset.Worker.Options;

// What it costs to write the dataset of a job whose manifests are there. One part after the other, so a part's seconds are a worker's.
if (args is not [var folder, var generatorsText, var samplesText, var formatText] || !Directory.Exists(folder)
    || !int.TryParse(generatorsText, NumberStyles.None, CultureInfo.InvariantCulture, out var generators)
    || !int.TryParse(samplesText, NumberStyles.None, CultureInfo.InvariantCulture, out var samples)
    || !Enum.TryParse<OutputFormat>(formatText, ignoreCase: true, out var format))
{
    Console.Error.WriteLine("Use: dotnet run -c Release --project bench/datasets -- FOLDER GENERATORS SAMPLES files|webdataset");
    Console.Error.WriteLine("FOLDER lies on a disk with 2 kB of room a sample. SAMPLES are those of each generator.");
    return 2;
}

var root = Path.Combine(folder, $"bench-datasets-{Guid.NewGuid():N}");
// The parts' temporary files lie below it, so that they can be measured.
Environment.SetEnvironmentVariable("TMPDIR", Directory.CreateDirectory(Path.Combine(root, "tmp")).FullName);
try
{
    var store = new FileSystemObjectStore(Path.Combine(root, "store"), flush: false);
    var services = new ServiceCollection().AddLogging().AddSingleton<IObjectStore>(store).AddSingleton(TimeProvider.System).AddJobReading()
        .AddSingleton<DatasetStore>().AddSingleton(new WorkerOptions { ScratchDir = root, StateDir = root })
        .AddSingleton<KnownSamples>().AddSingleton<ShardJoiner>().AddSingleton<DatasetTaskProcessor>().BuildServiceProvider();
    var job = FabricatedJob.Of(generators, samples, batchSize: 200, format);
    var start = Stopwatch.GetTimestamp();
    await services.GetRequiredService<JobStore>().CreateAsync(job);
    await FabricatedJob.DrawAsync(store, job);
    Console.WriteLine($"fabricated in {Stopwatch.GetElapsedTime(start).TotalSeconds:0} s");

    var processor = services.GetRequiredService<DatasetTaskProcessor>();
    using var usage = new Usage(Path.Combine(root, "tmp"));
    List<double> seconds = [];
    foreach (var part in DatasetPart.Of(job))
    {
        var task = new DatasetTask(job.Id, part.Id, Events: 0);
        start = Stopwatch.GetTimestamp();
        await processor.ProcessAsync(new LeasedMessage(task.ToJson(), job.Id, 1, "handle"), task, default);
        seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    var record = await services.GetRequiredService<DatasetStore>().FindAsync(job.Id)
        ?? throw new InvalidOperationException("The dataset was not written.");
    Console.WriteLine($"samples {record.Samples:N0}, parts {seconds.Count}, tables {record.Tables}");
    Console.WriteLine($"seconds in all {seconds.Sum():0.0}, longest part {seconds.Max():0.0}; processor {usage.ProcessorSeconds():0.0} s, {1e6 * usage.ProcessorSeconds() / record.Samples:0} us a sample");
    Console.WriteLine($"most memory {usage.PeakMemory >> 20} MB, most temporary files {usage.PeakDisk >> 20} MB");
    return record.Samples == (long)generators * samples ? 0 : 1;
}
finally
{
    Directory.Delete(root, recursive: true);
}
