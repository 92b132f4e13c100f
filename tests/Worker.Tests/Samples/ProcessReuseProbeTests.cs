using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using VmDataset.Pipeline.Generators;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Records;
using VmDataset.Worker.Batches;
using VmDataset.Worker.Lanes;
using VmDataset.Worker.Options;
using VmDataset.Worker.Samples;

namespace VmDataset.Worker.Tests.Samples;

public class ReuseProverTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(10);

    [Theory]
    [InlineData(2, 1)]
    [InlineData(3, 1)]
    public async Task An_endless_proof_leaves_half_of_the_lanes(int lanes, int held)
    {
        await using var worker = new WorkerHarness(lanes);
        using var stop = new CancellationTokenSource();
        var proving = worker.Get<ProcessReuseProbe>().FindReuseAsync(Endless(worker), Long, cancellationToken: stop.Token);
        await DrawingAsync(worker);
        worker.Get<LanePool>().Count().Busy.ShouldBe(held);

        // Another generator goes on meanwhile, and does not wait for a proof of its own.
        await worker.ProcessAsync(WorkerHarness.Message("ok-generator", 0, 5));

        (await worker.DoneAsync("job", "ok-generator")).SampleCount.ShouldBe(5);
        worker.Get<LanePool>().Count().Busy.ShouldBe(held);
        await stop.CancelAsync();
        await EndAsync(proving);
        await Eventually.BeTrueAsync(() => Task.FromResult(worker.Get<LanePool>().Count().Busy == 0));
    }

    [Fact]
    public async Task A_proof_ends_with_the_last_who_waits_for_it_and_no_sooner()
    {
        await using var worker = new WorkerHarness();
        using CancellationTokenSource first = new(), second = new();
        var prover = worker.Get<ProcessReuseProbe>();
        var waiting = new[] { first, second }.Select(stop => prover.FindReuseAsync(Endless(worker), Long, cancellationToken: stop.Token)).ToList();
        await DrawingAsync(worker);

        await first.CancelAsync();
        await EndAsync(waiting[0]);
        worker.Get<LanePool>().Count().Busy.ShouldBe(1);

        await second.CancelAsync();
        await EndAsync(waiting[1]);
        await Eventually.BeTrueAsync(() => Task.FromResult(worker.Get<LanePool>().Count().Busy == 0));
    }

    [Fact]
    public async Task A_cancelled_job_takes_its_proof_with_it()
    {
        await using var worker = new WorkerHarness();
        var working = worker.ProcessAsync(WorkerHarness.Message("endless-generator", 0, 5) with { TimeoutSeconds = 600 });
        await DrawingAsync(worker);
        var log = new JobEventLog(worker.Store, TimeProvider.System);
        await log.AppendAsync("job", _ => log.Event(JobEventType.Cancelled));

        (await working.WaitAsync(TimeSpan.FromSeconds(60))).ShouldBe(BatchOutcome.Acknowledge);
        await Eventually.BeTrueAsync(() => Task.FromResult(worker.Get<LanePool>().Count().Busy == 0));
    }

    [Fact]
    public async Task A_proof_has_the_time_of_its_job_ends_at_its_first_time_out_and_is_not_kept()
    {
        await using var worker = new WorkerHarness(sampleTimeout: Long);
        await worker.ProcessAsync(WorkerHarness.Message("endless-generator", 0, 3) with { TimeoutSeconds = 1 }).WaitAsync(TimeSpan.FromSeconds(120));
        (await worker.DoneAsync("job", "endless-generator")).SampleCount.ShouldBe(3);
        (await worker.KeysAsync("reuse/")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_proof_that_hangs_keeps_no_sample_waiting()
    {
        await using var worker = new WorkerHarness();
        // Index 3 never ends, as the proof does not.
        var working = worker.ProcessAsync(WorkerHarness.Message("endless-generator", 0, 3) with { TimeoutSeconds = 600 });
        (await working.WaitAsync(TimeSpan.FromSeconds(120))).ShouldBe(BatchOutcome.Acknowledge);
        (await worker.DoneAsync("job", "endless-generator")).SampleCount.ShouldBe(3);
    }

    [Fact]
    public async Task A_verdict_is_kept_for_all()
    {
        await using var worker = new WorkerHarness();
        var (prover, catalog) = (worker.Get<ProcessReuseProbe>(), worker.Get<GeneratorCatalog>());
        // While a proof takes long there is no verdict yet.
        await Eventually.GetAsync(() => prover.FindReuseAsync(catalog.Find("ok-generator")!, Long), static reuse => reuse == DrawReuse.Modules);
        await prover.FindReuseAsync(catalog.Find("stateful-generator")!, Long);
        await Eventually.BeTrueAsync(async () => (await worker.KeysAsync("reuse/")).Count == 2);
        (await prover.FindReuseAsync(catalog.Find("stateful-generator")!, Long)).ShouldBe(DrawReuse.None);
    }

    [Fact]
    public async Task A_proof_stops_at_its_first_draw_that_fails_and_another_takes_other_seeds()
    {
        await using var worker = new WorkerHarness();
        // It fails at the first and the second seed of the first proof, and at none of the second.
        var (unlucky, failed) = await ProveAsync(worker, "raises-generator");
        (unlucky, failed).ShouldBe((new ReuseFinding(true, true, null), "1000003"));

        var (broken, failures) = await ProveAsync(worker, "demanding-generator");
        (broken, failures).ShouldBe((null, "1000003 5000011"));
    }

    [Fact]
    public async Task A_batch_says_that_it_waits_for_a_proof_until_the_proof_ends()
    {
        await using var worker = new WorkerHarness(lanes: 1);
        var waits = worker.Get<ProofWaits>();
        var working = worker.ProcessAsync(WorkerHarness.Message("endless-generator", 10, 5) with { TimeoutSeconds = 600 });

        await Eventually.BeTrueAsync(() => Task.FromResult(waits.IsProving("job", "endless-generator", new SampleRange(10, 5))));
        waits.IsProving("job", "endless-generator", new SampleRange(15, 5)).ShouldBeFalse();
        waits.IsProving("other", "endless-generator", new SampleRange(10, 5)).ShouldBeFalse();

        var log = new JobEventLog(worker.Store, TimeProvider.System);
        await log.AppendAsync("job", _ => log.Event(JobEventType.Cancelled));
        (await working.WaitAsync(TimeSpan.FromSeconds(60))).ShouldBe(BatchOutcome.Acknowledge);
        await Eventually.BeTrueAsync(() => Task.FromResult(!waits.IsProving("job", "endless-generator", new SampleRange(10, 5))));
    }

    /// <summary>The verdict, and the seeds whose draws ended proofs.</summary>
    private static async Task<(ReuseFinding? Finding, string Failed)> ProveAsync(WorkerHarness worker, string generator)
    {
        var lines = new Lines();
        var comparison = new ProcessReuseComparison(worker.Get<LanePool>(), worker.Get<WorkerOptions>(), lines);
        var finding = await comparison.DrawAsync(worker.Get<GeneratorCatalog>().Find(generator)!, Long, () => null, TestContext.Current.CancellationToken);
        return (finding, string.Join(' ', lines.Select(static line => Regex.Match(line, "seed (\\d+) failed").Groups[1].Value)));
    }

    private sealed class Lines : ConcurrentQueue<string>, ILogger<ProcessReuseComparison>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Enqueue(formatter(state, exception));
    }

    // Not proven either way: whoever waits no more, or too long, has no verdict.
    private static async Task EndAsync(Task<DrawReuse> proving)
    {
        try
        {
            (await proving.WaitAsync(TimeSpan.FromSeconds(60))).ShouldBe(DrawReuse.None);
        }
        catch (OperationCanceledException)
        {
            // Cancelled before its time was over.
        }
    }

    // The proof's first seed is one of those for which it never ends.
    private static GeneratorInfo Endless(WorkerHarness worker) => worker.Get<GeneratorCatalog>().Find("endless-generator")!;

    private static Task DrawingAsync(WorkerHarness worker) =>
        Eventually.BeTrueAsync(() => Task.FromResult(Directory.Exists(Path.Combine(worker.Get<WorkerOptions>().ScratchDir, "proofs"))));
}
