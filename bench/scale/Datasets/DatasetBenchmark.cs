using System.Collections.Concurrent;
using System.Diagnostics;
using VmDataset.Bench.Scale.Jobs;
using VmDataset.Bench.Scale.S3;
using VmDataset.Pipeline.Datasets;
using VmDataset.Pipeline.Records;

namespace VmDataset.Bench.Scale.Datasets;

/// <summary>Has functions of the worker write the dataset of a finished job, whose messages the API puts on the queue.</summary>
internal sealed class DatasetBenchmark(Options options, FastAws aws, string root)
{
    private static readonly TimeSpan Patience = TimeSpan.FromHours(2);

    private readonly ScaleJob _job = ScaleJob.Finished(options.Sizes);
    private readonly ConcurrentQueue<FunctionUse> _used = new();

    /// <returns>Whether each message stayed within time and scratch, and the tables were read back right.</returns>
    public async Task<bool> RunAsync()
    {
        var (calls, start) = (aws.S3.Calls, Stopwatch.GetTimestamp());
        var processor = await FleetAsync();
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var made = aws.S3.Calls - calls;
        var parts = _used.OrderBy(static use => use.Seconds).ToList();
        Report.Say($"{_job.Job.TotalSamples():N0} samples in {DatasetPart.Of(_job.Job).Count} parts by {options.Number("--functions")} functions: {seconds:0} s, {processor:0.0} s of the functions' processors");
        Report.Say($"{made.Lists:N0} LISTs, {made.Reads:N0} GETs, {made.Writes:N0} PUTs, those of the API included");
        Report.Say($"a message: {parts[parts.Count / 2].Seconds:0.0} s in the middle, {parts[^1].Seconds:0.0} s at most; scratch {parts.Max(static use => use.Scratch)} MB at most");
        var memory = _used.Select(static use => use.Memory).ToList();
        Report.Say($"memory, MB, message by message: {string.Join(' ', Spread(memory))}; {memory.Max()} at most");
        var bounded = parts[^1].Seconds < 900 && parts.Max(static use => use.Scratch) < 2_048;
        if (!bounded) Report.Say($"OVER THE BOUND: 900 s and 2,048 MB of scratch");
        return bounded & await ReadBack.RunAsync(options, await CopyAsync());
    }

    /// <returns>Processor seconds of the functions.</returns>
    private async Task<double> FleetAsync()
    {
        using var stop = new CancellationTokenSource();
        List<Function> functions = [];
        try
        {
            for (var number = 1; number <= options.Number("--functions"); number++)
                functions.Add(await Function.StartAsync(Path.Combine(root, $"function-{number}"), aws.Environment()));
            var feeding = Task.WhenAll(functions.Select(each => each.FeedAsync(aws.Sqs.Tasks, Note, stop.Token)));
            var clock = Stopwatch.StartNew();
            while (aws.S3.Bucket.Find(ObjectKeys.Dataset(_job.Job.Id)) is null)
            {
                if (feeding.IsCompleted) await feeding;
                if (clock.Elapsed > Patience) throw new TimeoutException($"The dataset is not written; the logs are in '{root}'.");
                await Task.Delay(100);
            }

            await stop.CancelAsync();
            await feeding;
            return functions.Sum(static each => each.ProcessorSeconds());
        }
        finally
        {
            foreach (var each in functions) await each.DisposeAsync();
        }
    }

    private void Note(FunctionUse use)
    {
        _used.Enqueue(use);
        if (_used.Count % 25 == 1 || use.Seconds > 60)
            Report.Say($"part {use.Part}: {use.Seconds:0.0} s, {use.Memory} MB, scratch {use.Scratch} MB; {_used.Count} messages so far");
    }

    // The most of each tenth, so that a growth is seen.
    private static IEnumerable<long> Spread(List<long> all) =>
        all.Chunk(Math.Max(1, (all.Count + 9) / 10)).Select(static some => some.Max());

    /// <returns>The folder with the dataset's files.</returns>
    private async Task<string> CopyAsync()
    {
        var target = options.Values["--keep"] is { Length: > 0 } keep ? keep : Path.Combine(root, "dataset");
        var prefix = ObjectKeys.DataPrefix(_job.Job.Id);
        for (string? after = null; ;)
        {
            var (page, hasMore) = aws.S3.Bucket.List(prefix, after, 1_000);
            foreach (var each in page) await SaveAsync(each, Path.Combine(target, each.Key[prefix.Length..]));
            if (!hasMore) return target;
            after = page[^1].Key;
        }
    }

    private static async Task SaveAsync(S3Object source, string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await using var content = source.Open();
        await using var file = File.Create(path);
        await content.CopyToAsync(file);
    }
}
