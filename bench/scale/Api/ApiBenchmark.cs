using System.Diagnostics;
using System.Text.Json;
using VmDataset.Bench.Scale.Jobs;

namespace VmDataset.Bench.Scale.Api;

/// <summary>Asks an API for everything about three large jobs, one question after the other, then with many pollers at once.</summary>
internal sealed class ApiBenchmark(Options options, ApiServer api, ApiStore store)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Rest = TimeSpan.FromMinutes(1);

    private const int MaxPageBytes = 150_000;

    private readonly ScaleJob _finished = ScaleJob.Finished(options.Sizes);
    private readonly ScaleJob _failed = ScaleJob.Failed(options.Sizes);
    private readonly ScaleJob _running = ScaleJob.Running(options.Sizes);
    private bool _right = true;
    private int _arrived;

    private long Samples => _finished.Job.TotalSamples();

    private long FinishedOfRunning => Samples - _running.Rest().Sum(_ => (long)_running.Job.BatchSize);

    /// <returns>Whether all counts were right. That nothing took longer than the bound is shown and not judged here.</returns>
    public async Task<bool> RunAsync()
    {
        Report.Head("request", "s", "processor, s", "LIST", "GET", "PUT", "");
        await CountedAsync("job that is finished, the first answer of the process", _finished, Samples, 0);
        await CountedAsync("the same again", _finished, Samples, 0);
        await CountedAsync("job that failed, for the first time", _failed, Samples - _failed.Failing, _failed.Failing);
        await CountedAsync("job that is running, for the first time", _running, FinishedOfRunning, 0);
        await AskAsync("list of the three jobs", "/v1/jobs?limit=100", static list => Count(list) == 3);
        await AskAsync("the same again", "/v1/jobs?limit=100", static list => Count(list) == 3);
        await BatchesAsync();
        await FailuresAsync();
        await PagesAsync();
        await PollAsync($"/v1/jobs/{_running.Job.Id}");
        await PollAsync($"/jobs/{_running.Job.Id}");
        await IdleAsync();
        await ControlAsync();
        var (now, peak) = api.Process.Memory();
        Report.Say($"\nThe API: {now} MB at the end, {peak} MB at most, {api.Process.ProcessorSeconds():0.0} s of processors. Load {Report.Load()}.");
        Report.Say($"{(_right ? "All counts were right." : "WRONG COUNTS: see above.")}");
        return _right;
    }

    private async Task BatchesAsync()
    {
        var middle = _finished.Job.Generators[_finished.Job.Generators.Count / 2].Name;
        var (id, after) = (_finished.Job.Id, _finished.Job.Samples / 2 / _finished.Job.BatchSize * _finished.Job.BatchSize);
        await AskAsync("batches, first page", $"/v1/jobs/{id}/batches?limit=100", static page => Count(page) == 100);
        await AskAsync("batches, a page in the middle", $"/v1/jobs/{id}/batches?limit=100&cursor={middle}:{after}",
            page => Count(page) == 100 && page.GetProperty("items")[0].GetProperty("generator").GetString() == middle);
        await AskAsync("batches of one generator", $"/v1/jobs/{id}/batches?limit=100&generator={middle}",
            static page => Count(page) == 100);
        await AskAsync("batches of the failed job that failed", $"/v1/jobs/{_failed.Job.Id}/batches?limit=100&state=failed",
            static page => Count(page) == 100);
    }

    private async Task FailuresAsync()
    {
        var path = $"/v1/jobs/{_failed.Job.Id}/failures?limit=100";
        var first = await AskAsync("failures, first page", path, static page => Count(page) == 100);
        var cursor = first.GetProperty("next_cursor").GetString()!;
        await AskAsync("failures, second page", $"{path}&cursor={Uri.EscapeDataString(cursor)}", static page => Count(page) == 100);
    }

    /// <summary>The console's pages: their size has a bound too.</summary>
    private async Task PagesAsync()
    {
        foreach (var (what, path) in new[]
        {
            ("page of the finished job", $"/jobs/{_finished.Job.Id}"),
            ("page of the failed job, sorted", $"/jobs/{_failed.Job.Id}?sort=failed&order=desc"),
            ("page of the running job", $"/jobs/{_running.Job.Id}"),
            ("its failures by cause", $"/jobs/{_failed.Job.Id}/failures"),
            ("its batches", $"/jobs/{_failed.Job.Id}/batches"),
            ("Home", "/"),
        })
        {
            var (calls, processor, start) = (store.Calls(), api.Process.ProcessorSeconds(), Stopwatch.GetTimestamp());
            var page = await api.PageAsync(path);
            var took = Stopwatch.GetElapsedTime(start);
            Report.Say($"| {what} | {took.TotalSeconds:0.00} | {api.Process.ProcessorSeconds() - processor:0.00} | {store.Calls() - calls} | {page.Length / 1e3:0} kB |");
            Check(page.Length < MaxPageBytes, $"{path} has {page.Length} bytes");
        }
    }

    private async Task PollAsync(string path)
    {
        var (pollers, seconds) = (options.Number("--pollers"), options.Number("--seconds"));
        if (pollers == 0) return;
        var (calls, processor) = (store.Calls(), api.Process.ProcessorSeconds());
        using var stop = new CancellationTokenSource();
        var arrivals = Task.Run(() => ArriveAsync(options.Number("--arrivals"), stop.Token));
        var took = await Poll.RunAsync(new Uri(api.Address, path), pollers, TimeSpan.FromSeconds(seconds));
        await stop.CancelAsync();
        var arrived = await arrivals;
        _arrived += arrived;
        var (made, spent) = (store.Calls() - calls, api.Process.ProcessorSeconds() - processor);
        Report.Say($"\n{pollers} pollers of {path} for {seconds} s, {arrived} batches finished meanwhile: {took.Count} answers, p50 {1e3 * took.Percentile(50):0} ms, p99 {1e3 * took.Percentile(99):0} ms, longest {1e3 * took[^1]:0} ms.");
        Report.Say($"{made.Lists} LISTs, {made.Reads} GETs, {spent:0.0} s of the API's processors.");
        // An answer may be some seconds old; the count comes right by itself.
        var wanted = FinishedOfRunning + ((long)_arrived * _running.Job.BatchSize);
        var clock = Stopwatch.StartNew();
        while (await DoneAsync() != wanted && clock.Elapsed < TimeSpan.FromSeconds(30)) await Task.Delay(500);
        Check(await DoneAsync() == wanted, $"the running job has {wanted} samples and its answer says {await DoneAsync()}");
        Report.Say($"The answer counts the last of them {clock.Elapsed.TotalSeconds:0.0} s after the last poll.");
        Report.Head("request", "s", "processor, s", "LIST", "GET", "PUT", "");

        async Task<long> DoneAsync() => Done(await api.GetAsync($"/v1/jobs/{_running.Job.Id}"));
    }

    /// <summary>With a running job of which nothing moves, and no request.</summary>
    private async Task IdleAsync()
    {
        var seconds = options.Number("--idle");
        if (seconds == 0) return;
        // What the requests before have set off comes to its end.
        await Task.Delay(Rest);
        var (calls, processor) = (store.Calls(), api.Process.ProcessorSeconds());
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        var (made, spent) = (store.Calls() - calls, api.Process.ProcessorSeconds() - processor);
        Report.Say($"\nNo request for {seconds} s, after {Rest.TotalSeconds} s of rest: {100 * spent / seconds:0.0} % of a processor, {made.Lists} LISTs, {made.Reads} GETs.");
        Report.Head("request", "s", "processor, s", "LIST", "GET", "PUT", "");
    }

    private async Task ControlAsync()
    {
        var cancel = $"/v1/jobs/{_running.Job.Id}/cancel";
        await AskAsync("cancel the running job", cancel, static job => State(job) == "cancelled", HttpMethod.Post);
        await AskAsync("the cancelled job", $"/v1/jobs/{_running.Job.Id}", static job => State(job) == "cancelled");
        await RetryAsync("failed", _failed.Job.Id, _failed.Failing);
        await RetryAsync("cancelled", _running.Job.Id, _running.Rest().Count() - _arrived);
    }

    private async Task RetryAsync(string what, string id, long missing)
    {
        var before = store.Sent(id);
        await AskAsync($"retry the {what} job", $"/v1/jobs/{id}/retry", static job => State(job) is "running" or "submitting",
            HttpMethod.Post);
        var clock = Stopwatch.StartNew();
        while (store.Sent(id) - before < missing && clock.Elapsed < Patience) await Task.Delay(50);
        var later = clock.Elapsed;
        // Any that are too many would come now.
        await Task.Delay(TimeSpan.FromSeconds(2));
        var sent = store.Sent(id) - before;
        Report.Say($"| until the last of its {sent} messages is sent, after that answer | {later.TotalSeconds:0.00} | | | | | |");
        Check(sent == missing, $"the {what} job lacks {missing} ranges and {sent} messages were sent");
    }

    /// <summary>Adds manifests of the running job at an even pace.</summary>
    private async Task<int> ArriveAsync(int perSecond, CancellationToken stop)
    {
        var (clock, arrived) = (Stopwatch.StartNew(), 0);
        // Some must be left, as only a running job can be cancelled.
        foreach (var each in _running.Rest().Take(_running.Rest().Count() / 2).Skip(_arrived))
        {
            while (!stop.IsCancellationRequested && arrived >= perSecond * clock.Elapsed.TotalSeconds)
                await Task.Delay(20, CancellationToken.None);
            if (stop.IsCancellationRequested) break;
            store.Fill.Add(each, DateTimeOffset.UtcNow);
            arrived++;
        }

        return arrived;
    }

    private Task<JsonElement> CountedAsync(string what, ScaleJob job, long done, long failed) => AskAsync(what, $"/v1/jobs/{job.Job.Id}",
        answer => Done(answer) == done && answer.GetProperty("samples").GetProperty("failed").GetInt64() == failed);

    private async Task<JsonElement> AskAsync(string what, string path, Func<JsonElement, bool> isRight, HttpMethod? method = null)
    {
        var (calls, processor, start) = (store.Calls(), api.Process.ProcessorSeconds(), Stopwatch.GetTimestamp());
        var answer = await api.AskAsync(method ?? HttpMethod.Get, path);
        var took = Stopwatch.GetElapsedTime(start);
        var note = took < Bound ? "" : "over 1 s";
        Report.Say($"| {what} | {took.TotalSeconds:0.00} | {api.Process.ProcessorSeconds() - processor:0.00} | {store.Calls() - calls} | {note} |");
        Check(isRight(answer), $"{path} answered {answer.GetRawText()[..Math.Min(1_000, answer.GetRawText().Length)]}");
        return answer;
    }

    private void Check(bool isRight, string problem)
    {
        if (isRight) return;
        _right = false;
        Report.Say($"WRONG: {problem}");
    }

    private static int Count(JsonElement page) => page.GetProperty("items").GetArrayLength();

    private static string State(JsonElement job) => job.GetProperty("state").GetString()!;

    private static long Done(JsonElement job) => job.GetProperty("samples").GetProperty("done").GetInt64();
}
