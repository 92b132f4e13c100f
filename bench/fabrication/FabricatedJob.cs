using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;

namespace VmDataset.Bench.Fabrication;

/// <summary>A job with the manifests of all its samples and none of their files.</summary>
internal static class FabricatedJob
{
    /// <param name="generators">The number of generators.</param>
    /// <param name="samples">Samples of each generator.</param>
    /// <param name="batchSize">Samples of a batch, and so of a manifest.</param>
    /// <param name="format">How the samples are said to be stored.</param>
    /// <param name="id">The job's id.</param>
    public static Job Of(int generators, int samples, int batchSize, OutputFormat format, string id = "20261128-000000-00000000") => new()
    {
        Id = id,
        CreatedAt = DateTimeOffset.UtcNow.AddHours(-1),
        Generators = [.. Enumerable.Range(0, generators).Select(static index => new JobGenerator($"generator-{index:D4}", "1"))],
        StartIndex = 0,
        Samples = samples,
        BatchSize = batchSize,
        Seed = 42,
        OutputFormat = format,
    };

    /// <summary>Every batch of the job, generator by generator.</summary>
    public static IEnumerable<(string Generator, SampleRange Range)> Batches(this Job job) =>
        from generator in job.Generators from range in job.Range(generator).Split(job.BatchSize) select (generator.Name, range);

    public static Task DrawAsync(IObjectStore store, Job job) => Parallel.ForEachAsync(job.Batches(),
        async (batch, token) => await store.PutJsonAsync(ObjectKeys.Done(job.Id, batch.Generator, batch.Range),
            FabricatedManifest.Of(job, batch.Generator, batch.Range), cancellationToken: token));
}
