using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;

namespace VmDataset.Worker.Tests.Publishing;

public sealed class RepeatedDeliveryTests
{
    [Theory]
    [InlineData(OutputFormat.Files)]
    [InlineData(OutputFormat.WebDataset)]
    public async Task A_manifest_tells_of_what_is_stored_though_two_drew_it_at_once_with_a_clock_in_it(OutputFormat format)
    {
        await using var worker = new WorkerHarness(lanes: 2, wrapStore: static inner => new MeetingStore(inner));
        var message = WorkerHarness.Message("machine-clock-generator", 0, 4, format: format);
        await Task.WhenAll(worker.ProcessAsync(message), worker.ProcessAsync(message));

        ((MeetingStore)worker.Store).Met.ShouldBe(2);
        var manifest = (await worker.Store.GetJsonAsync<Manifest>(ObjectKeys.Done("job", "machine-clock-generator", new SampleRange(0, 4)), TestContext.Current.CancellationToken))!;
        var stored = await worker.DataAsync("job");
        if (manifest.Shard is { } shard)
        {
            stored.Values.ShouldBe([shard.Sha256]);
            return;
        }

        foreach (var sample in manifest.Samples)
        {
            foreach (var file in sample.Files)
            {
                var key = ObjectKeys.SampleFile("job", manifest.Generator, manifest.Domain, sample.Index, file.Name);
                stored[key[ObjectKeys.DataPrefix("job").Length..]].ShouldBe(file.Sha256, file.Name);
            }
        }
    }

    /// <summary>Lets nobody store a manifest before two have come with theirs, as if both had finished in the same moment.</summary>
    private sealed class MeetingStore(IObjectStore inner) : ForwardingStore(inner)
    {
        private readonly TaskCompletionSource _both = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _met;

        public int Met => _met;

        public override async Task<bool> PutAsync(string key, Stream content, bool ifAbsent = false, CancellationToken cancellationToken = default)
        {
            if (ifAbsent && key.Contains("/done/", StringComparison.Ordinal))
            {
                if (Interlocked.Increment(ref _met) == 2) _both.SetResult();
                await _both.Task.WaitAsync(TimeSpan.FromSeconds(30), cancellationToken);
            }

            return await base.PutAsync(key, content, ifAbsent, cancellationToken);
        }
    }
}
