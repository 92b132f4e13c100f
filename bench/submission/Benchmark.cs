using System.Globalization;

namespace VmDataset.Submission;

/// <summary>Runs the measurements in turns against one stub and prints what came out as tables.</summary>
internal sealed class Benchmark(Arguments arguments)
{
    private const int Small = 2_000;
    private const int Large = 200_000;
    private const double Mega = 1e6;

    private readonly List<Figures> _small = [];
    private readonly List<Figures> _smallReady = [];
    private readonly List<Figures> _large = [];
    private bool _exact = true;

    /// <returns>Whether the stub took every message of every job, and each once.</returns>
    public async Task<bool> RunAsync()
    {
        await using var stub = await StubProcess.StartAsync(arguments.Latency);
        Say($"{Environment.ProcessorCount} cores, shared by the submission and the stub; load {await LoadAsync()} at the start");
        Say($"A request to the stub: {Spread(await stub.LatencyAsync(200), "F2")} ms over a plain HTTP client, one after another\n");

        // Half of the runs before the baseline and half after it: what the machine does meanwhile meets both.
        await ProductAsync(stub, (arguments.Runs + 1) / 2);
        var first = Math.Max(10, (int)(Large * arguments.BaselineShare));
        var baseline = await CheckedAsync(stub, "one-by-one", Text(Large), Text(first));
        await ProductAsync(stub, arguments.Runs / 2);
        var largest = await CheckedAsync(stub, "product", Text(arguments.Largest / 200 * 200), "1");

        var oneByOne = baseline.Seconds[0] / first * Large;
        Speed(oneByOne, first);
        Memory(largest);
        Say($"Load {await LoadAsync()} at the end. {(_exact ? "The stub took every message of every job exactly once." : "MESSAGES WERE LOST OR DOUBLED: see above.")}");
        return _exact;
    }

    private async Task ProductAsync(StubProcess stub, int runs)
    {
        for (var run = 0; run < runs; run++)
        {
            _small.Add(await CheckedAsync(stub, "product", Text(Small), "2"));
            _smallReady.Add(await CheckedAsync(stub, "ready-product", Text(Small), "1"));
            _large.Add(await CheckedAsync(stub, "product", Text(Large), "1"));
        }
    }

    private async Task<Figures> CheckedAsync(StubProcess stub, string what, string messages, string number)
    {
        await stub.ResetAsync();
        var figures = await Child.MeasureAsync(what, stub.QueueUrl, messages, number);
        var counts = await stub.CountsAsync();
        if (counts.Taken != figures.Expected || counts.Distinct != figures.Expected)
        {
            _exact = false;
            Say($"WRONG: {what} of {messages} messages sent {figures.Expected}; the stub took {counts.Taken}, {counts.Distinct} of them distinct.");
        }

        return figures;
    }

    private void Speed(double oneByOne, int first)
    {
        var share = first == Large ? "" : string.Create(CultureInfo.InvariantCulture, $", reckoned from the first {first:N0}");
        Say("| messages | how | seconds: median (min to max) |");
        Say("| --- | --- | --- |");
        Say($"| {Small:N0} | product, first thing a process does | {Spread(_small.Select(static run => run.Seconds[0]), "F2")} |");
        Say($"| {Small:N0} | product, first submission after a readiness check | {Spread(_smallReady.Select(static run => run.Seconds[0]), "F2")} |");
        Say($"| {Small:N0} | product, second submission | {Spread(_small.Select(static run => run.Seconds[1]), "F2")} |");
        Say($"| {Large:N0} | product, first thing a process does | {Spread(_large.Select(static run => run.Seconds[0]), "F2")} |");
        Say($"| {Large:N0} | one request after another{share} | {oneByOne:F1} |");
        Say($"\nTimes faster than one request after another: {Spread(_large.Select(run => oneByOne / run.Seconds[0]), "F1")}");
        Say($"Processor time of the product per request of ten: {Spread(_large.Select(static run => 1_000 * run.CpuSeconds / (run.Messages / 10)), "F2")} ms\n");
    }

    private void Memory(Figures largest)
    {
        Say("| messages | peak resident MB | peak managed heap MB | allocated MB | seconds |");
        Say("| --- | --- | --- | --- | --- |");
        foreach (var runs in new[] { _small, _large, [largest] })
        {
            Say($"| {runs[0].Messages:N0} | {Spread(runs.Select(static run => run.PeakResident / Mega), "F0")} "
                + $"| {Spread(runs.Select(static run => run.PeakHeap / Mega), "F0")} | {Median(runs.Select(static run => run.Allocated / Mega)):F0} "
                + $"| {Median(runs.Select(static run => run.Seconds[0])):F1} |");
        }

        Say("");
    }

    // Load averages of one and five minutes: what else the machine had to do.
    private static async Task<string> LoadAsync() =>
        File.Exists("/proc/loadavg") ? string.Join(", ", (await File.ReadAllTextAsync("/proc/loadavg")).Split(' ')[..2]) : "unknown";

    private static string Spread(IEnumerable<double> values, string form)
    {
        var sorted = values.Order().ToArray();
        string Shown(double value) => value.ToString(form, CultureInfo.InvariantCulture);
        return sorted.Length == 1 ? Shown(sorted[0]) : $"{Shown(Median(sorted))} ({Shown(sorted[0])} to {Shown(sorted[^1])})";
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    // Numbers are those of the invariant culture, in which this program runs.
    private static void Say(string line) => Console.WriteLine(line);
}
