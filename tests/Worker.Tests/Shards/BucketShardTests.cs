using VmDataset.Pipeline.Aws;
using VmDataset.Pipeline.Exports;
using VmDataset.Pipeline.Jobs;
using VmDataset.Tests.Aws;
using VmDataset.Worker.Shards;

namespace VmDataset.Worker.Tests.Shards;

public sealed class BucketShardTests
{
    [Fact]
    public async Task Shards_in_a_bucket_are_those_of_a_folder()
    {
        using var aws = await AwsResources.CreateAsync();
        await using var inBucket = new WorkerHarness(wrapStore: _ => new S3ObjectStore(aws.S3, aws.Options, TimeProvider.System));
        await using var inFolder = new WorkerHarness();
        var (job, options) = (ShardJobs.Job("job", OutputFormat.WebDataset, 6), ShardJobs.Options(ExportProfile.WebDataset, 40_000));

        var expected = await inFolder.ExportedAsync(await inFolder.DrawnAsync(job), options);
        var found = await inBucket.ExportedAsync(await inBucket.DrawnAsync(job), options, new PartLimits(1, 1, 1));

        found.Keys.ShouldBe(expected.Keys);
        foreach (var (name, content) in found) content.AsSpan().SequenceEqual(expected[name]).ShouldBeTrue(name);
    }
}
