using Microsoft.Extensions.Time.Testing;
using VmDataset.Pipeline.Generators;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;
using VmDataset.Worker.Batches;
using VmDataset.Worker.Options;
using VmDataset.Worker.Samples;

namespace VmDataset.Worker.Tests.Batches;

/// <summary>Batches that take minutes.</summary>
public class LongBatchTests
{
    private static readonly SampleRange Range = new(0, 4);

    [Fact]
    public async Task A_worker_records_every_minute_the_samples_that_it_has_stored()
    {
        var last = new TaskCompletionSource();
        await using var worker = new WorkerHarness(lanes: 1, wrapStore: store => new GatedStore(store, "00000003", last.Task));
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var drawing = Runner(worker, time).DrawAsync(WorkerHarness.Message("ok-generator", 0, 4),
            worker.Get<GeneratorCatalog>().Find("ok-generator")!, RangeSet.Of(Range), default, static _ => Task.CompletedTask);

        await Eventually.BeTrueAsync(async () =>
        {
            time.Advance(TimeSpan.FromMinutes(1));
            return (await worker.DoneAsync("job", "ok-generator")).Covers(new SampleRange(0, 3));
        });
        drawing.IsCompleted.ShouldBeFalse();
        last.SetResult();

        (await drawing).Done.ShouldBe(4);
        (await worker.DoneAsync("job", "ok-generator")).ShouldHaveSingleItem().ShouldBe(Range);
    }

    [Fact]
    public async Task A_manifest_that_cannot_be_written_meanwhile_is_written_at_the_end()
    {
        var last = new TaskCompletionSource();
        var refusals = 0;
        await using var worker = new WorkerHarness(lanes: 1, wrapStore: store => new GatedStore(store, "00000003", last.Task));
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var drawing = Runner(worker, time).DrawAsync(WorkerHarness.Message("ok-generator", 0, 4),
            worker.Get<GeneratorCatalog>().Find("ok-generator")!, RangeSet.Of(Range), default,
            _ => !last.Task.IsCompleted && Interlocked.Increment(ref refusals) > 0 ? throw new IOException("out of reach") : Task.CompletedTask);

        await Eventually.BeTrueAsync(() =>
        {
            time.Advance(TimeSpan.FromMinutes(1));
            return Task.FromResult(Volatile.Read(ref refusals) > 0);
        });
        last.SetResult();

        (await drawing).Done.ShouldBe(4);
        (await worker.DoneAsync("job", "ok-generator")).ShouldHaveSingleItem().ShouldBe(Range);
    }

    private static BatchRunner Runner(WorkerHarness worker, TimeProvider time) => new(
        worker.Get<SampleRunner>(), worker.Store, worker.Get<ProgressReader>(), worker.Get<WorkerOptions>(), time);

    /// <summary>Stores the files of a sample only when the gate is open.</summary>
    private sealed class GatedStore(IObjectStore inner, string sample, Task gate) : ForwardingStore(inner)
    {
        public override async Task PutFileAsync(string key, string path, CancellationToken cancellationToken = default)
        {
            if (key.Contains(sample, StringComparison.Ordinal)) await gate.WaitAsync(cancellationToken);
            await base.PutFileAsync(key, path, cancellationToken);
        }
    }
}
