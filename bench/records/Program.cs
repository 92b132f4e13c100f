using System.Diagnostics;
using System.Globalization;
using VmDataset.Pipeline.Local;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;

// What it costs that records are on the disk when they are put. Both sides take turns in one run; trust the ratios.
const int Turns = 3;
var parent = Path.GetFullPath(args is [var folder] ? folder : ".");
if (args.Length > 1 || !Directory.Exists(parent))
{
    Console.Error.WriteLine(
        "Use: dotnet run -c Release --project bench/records [-- FOLDER]. FOLDER lies on the disk to measure; default: the current one.");
    return 2;
}

Console.WriteLine("| what | not flushed, s | flushed, s | flushed / not: median (min to max) | flushed, ms each |");
Console.WriteLine("| --- | --- | --- | --- | --- |");
await CompareAsync("500 records, one after another", 500, store => RecordsAsync(store, 500, atOnce: 1));
await CompareAsync("500 records, 8 at once", 500, store => RecordsAsync(store, 500, atOnce: 8));
await CompareAsync("2,000 batches of one sample: 5 files and a manifest each, 3 at once", 2_000, BatchesAsync);
return 0;

async Task CompareAsync(string what, int count, Func<IObjectStore, Task> work)
{
    List<double> without = [], with = [];
    for (var turn = 0; turn <= Turns; turn++)
    {
        var (fast, safe) = (await TimeAsync(work, flush: false), await TimeAsync(work, flush: true));
        // The first turn compiles.
        if (turn == 0) continue;
        without.Add(fast);
        with.Add(safe);
    }

    var ratios = with.Zip(without, static (a, b) => a / b).Order().ToList();
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"| {what} | {Median(without):0.00} | {Median(with):0.00} | {Median(ratios):0.0} ({ratios[0]:0.0} to {ratios[^1]:0.0}) | {1000 * Median(with) / count:0.00} |"));
}

async Task<double> TimeAsync(Func<IObjectStore, Task> work, bool flush)
{
    var root = Path.Combine(parent, $"bench-records-{Guid.NewGuid():N}");
    try
    {
        var store = new FileSystemObjectStore(root, flush: flush);
        var start = Stopwatch.GetTimestamp();
        await work(store);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
    finally
    {
        Directory.Delete(root, recursive: true);
    }
}

static Task RecordsAsync(IObjectStore store, int count, int atOnce) =>
    Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = atOnce }, (index, _) =>
        ManifestAsync(store, index));

// As a worker of two lanes with room for a message more.
Task BatchesAsync(IObjectStore store) => Parallel.ForEachAsync(
    Enumerable.Range(0, 2_000), new ParallelOptions { MaxDegreeOfParallelism = 3 }, async (index, _) =>
{
    foreach (var file in new[] { "first_frame.png", "final_frame.png", "ground_truth.mp4", "prompt.txt", "metadata.json" })
    {
        var drawn = Path.Combine(parent, $"bench-drawn-{index}-{file}");
        await File.WriteAllBytesAsync(drawn, new byte[20_000], CancellationToken.None);
        await store.PutFileAsync(ObjectKeys.SampleFile("job", "generator", "domain", index, file), drawn, CancellationToken.None);
    }

    await ManifestAsync(store, index);
});

static async ValueTask ManifestAsync(IObjectStore store, int index)
{
    using var manifest = new MemoryStream(new byte[2_000]);
    await store.PutAsync(ObjectKeys.Done("job", "generator", new SampleRange(index, 1)), manifest, ifAbsent: true);
}

static double Median(IReadOnlyCollection<double> values) => values.Order().ElementAt(values.Count / 2);
