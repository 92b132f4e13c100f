using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;

namespace VmDataset.Pipeline.Tests.Records;

public sealed class NewestJobsTests : LocalStoreTests
{
    [Fact]
    public async Task The_newest_jobs_cost_one_LIST_and_a_GET_for_each_that_is_not_known()
    {
        var counting = new CountingStore(Store);
        var writer = new JobStore(Store);
        for (var number = 0; number < 8; number++) await writer.CreateAsync(JobOf(number), Token);
        var jobs = new JobStore(counting);

        (await jobs.NewestAsync(5, Token)).Select(static job => job.Seed).ShouldBe([7, 6, 5, 4, 3]);
        (counting.Lists, counting.Gets).ShouldBe((1, 5));
        (await jobs.NewestAsync(5, Token)).Count.ShouldBe(5);
        (counting.Lists, counting.Gets).ShouldBe((2, 5));
    }

    private static Job JobOf(int number) => new()
    {
        Id = $"j-{number}",
        CreatedAt = DateTimeOffset.UnixEpoch.AddSeconds(number),
        Generators = [new("g", "1")],
        StartIndex = 0,
        Samples = 1,
        BatchSize = 1,
        Seed = number,
        OutputFormat = OutputFormat.Files,
    };

    private sealed class CountingStore(IObjectStore inner) : ForwardingStore(inner)
    {
        private int _gets;

        public int Lists { get; private set; }

        public int Gets => _gets;

        public override Task<StoredObject?> GetAsync(string key, CancellationToken cancellationToken = default)
        {
            Interlocked.Increment(ref _gets);
            return base.GetAsync(key, cancellationToken);
        }

        public override IAsyncEnumerable<ObjectEntry> ListAsync(
            string prefix, string? startAfter = null, CancellationToken cancellationToken = default)
        {
            Lists++;
            return base.ListAsync(prefix, startAfter, cancellationToken);
        }
    }
}
