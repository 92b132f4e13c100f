using VmDataset.Bench.Fabrication;
using VmDataset.Pipeline.Datasets;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;

namespace VmDataset.Bench.Scale.Jobs;

/// <summary>A large job and the objects that a store would hold of it.</summary>
internal sealed class ScaleJob
{
    public const string Reason = "no solvable position found";
    private const int Generation = 0;

    private ScaleJob(Job job) => Job = job;

    public Job Job { get; }

    /// <summary>Samples that failed for good, each in a batch of its own.</summary>
    public int Failing { get; private init; }

    /// <summary>The percentage of its batches that are finished.</summary>
    public int Percent { get; private init; } = 100;

    /// <summary>Whether its manifests tell of their samples, as the dataset needs it. Else they have their figures alone.</summary>
    public bool Whole { get; private init; }

    /// <summary>Every sample is finished.</summary>
    public static ScaleJob Finished(Sizes sizes) => new(sizes.Job("20261128-000000-00000001")) { Whole = true };

    /// <summary>Some samples failed for good and every other one is finished.</summary>
    public static ScaleJob Failed(Sizes sizes) => new(sizes.Job("20261128-000000-00000002")) { Failing = sizes.Failing };

    /// <summary>Nine tenths of each generator's batches are finished.</summary>
    public static ScaleJob Running(Sizes sizes) => new(sizes.Job("20261128-000000-00000003")) { Percent = 90 };

    public int Batches => Job.Generators.Count * BatchesOfGenerator;

    private int BatchesOfGenerator => (Job.Samples + Job.BatchSize - 1) / Job.BatchSize;

    /// <summary>The messages of its failed samples, which rest in the dead-letter queue.</summary>
    public IEnumerable<string> DeadLetters() => FailingBatches().Select(batch =>
        BatchMessage.For(Job, batch.Generator, batch.Range, Generation).With(DeadOf(batch.Range), attempt: 3).ToJson());

    public IEnumerable<FabricatedObject> Objects()
    {
        yield return FabricatedObject.Of(ObjectKeys.Submitted(Job.CreatedAt, Job.Id), []);
        yield return FabricatedObject.Of(ObjectKeys.Job(Job.Id), Job);
        yield return FabricatedObject.Of(ObjectKeys.Sent(Job.Id, Generation, Batches), []);
        if (Percent < 100) yield return FabricatedObject.Of(ObjectKeys.Pending(Job.Id), []);
        foreach (var ((generator, range), number) in Job.Batches().Select(static (batch, number) => (batch, number)))
        {
            if (!IsDone(number)) continue;
            if (!IsFailing(number))
            {
                yield return Manifest(generator, range);
                continue;
            }

            var dead = DeadOf(range);
            yield return Manifest(generator, SampleRange.Between(range.Start, dead.Start));
            if (dead.End < range.End) yield return Manifest(generator, SampleRange.Between(dead.End, range.End));
            foreach (var record in Failure(generator, dead)) yield return record;
        }
    }

    /// <summary>The record of a dataset of all that it has; its files are not there.</summary>
    public FabricatedObject Dataset()
    {
        List<RangeEntry> done = [];
        foreach (var added in Objects().OrderBy(static each => each.Key, StringComparer.Ordinal))
        {
            if (added.Key.StartsWith(ObjectKeys.DonePrefix(Job.Id), StringComparison.Ordinal)
                && ObjectKeys.TryParseDone(new ObjectEntry(added.Key, added.Size, Job.CreatedAt), out var generator, out var range))
                done.Add(new RangeEntry(generator, range, Job.CreatedAt));
        }

        var read = JobProgress.Of(
            Job, JobControlState.None, new JobListing(new Dictionary<int, DispatchCheckpoint>(), done, []), DateTimeOffset.UtcNow);
        return FabricatedObject.Of(ObjectKeys.Dataset(Job.Id), new DatasetRecord
        {
            Of = DatasetIdentity.Of(read),
            Samples = read.Samples.Done,
            Bytes = read.Samples.Done,
            WrittenAt = Job.CreatedAt,
            Files = [],
        });
    }

    /// <summary>The manifests of its unfinished batches: they appear while the job runs.</summary>
    public IEnumerable<FabricatedObject> Rest() => Job.Batches().Where((_, number) => !IsDone(number))
        .Select(batch => Manifest(batch.Generator, batch.Range));

    private IEnumerable<(JobGenerator Generator, SampleRange Range)> FailingBatches() =>
        from batch in Job.Batches().Index()
        where IsFailing(batch.Index)
        select (Job.Generators.First(one => one.Name == batch.Item.Generator), batch.Item.Range);

    private bool IsFailing(int number) => Failing > 0 && number % (Batches / Failing) == 0;

    // The middle one, so that manifests of both sides are there.
    private static SampleRange DeadOf(SampleRange batch) => new(batch.Start + (batch.Count / 2), 1);

    private bool IsDone(int number) => number % BatchesOfGenerator < (long)BatchesOfGenerator * Percent / 100;

    private FabricatedObject Manifest(string generator, SampleRange range) => FabricatedObject.OfManifest(Job, generator, range, Whole);

    private IEnumerable<FabricatedObject> Failure(string generator, SampleRange range)
    {
        yield return FabricatedObject.Of(ObjectKeys.Failed(Job.Id, generator, range), new FailureRecord
        {
            Generator = generator,
            StartIndex = range.Start,
            NumSamples = range.Count,
            BaseSeed = Job.Seed,
            Attempt = 3,
            Kind = FailureKind.Raised,
            Message = Reason,
            ExceptionType = "ValueError",
            FailedAt = Job.CreatedAt,
        });
        yield return FabricatedObject.Of(ObjectKeys.Dead(Job.Id, Generation, generator, range),
            new DeadRange { Reason = Reason, DiedAt = Job.CreatedAt });
    }
}
