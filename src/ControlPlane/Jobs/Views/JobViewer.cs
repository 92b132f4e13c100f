using VmDataset.ControlPlane.Datasets;
using VmDataset.ControlPlane.Planning;

namespace VmDataset.ControlPlane.Jobs.Views;

/// <summary>Describes jobs as they are now. It only reads.</summary>
internal sealed class JobViewer(JobSnapshotReader snapshots, DatasetViewer datasets, ActualViewer actuals)
{
    /// <summary>Describes a job in full, with what this request has written.</summary>
    public async Task<JobView> ViewFreshAsync(Job job, CancellationToken cancellationToken) =>
        await ViewAsync(await snapshots.ReadFreshAsync(job, cancellationToken), cancellationToken);

    /// <summary>As <see cref="ViewFreshAsync"/>, after a request that has written to the job's log on the ground of a reading.</summary>
    public async Task<JobView> ViewAfterWriteAsync(Job job, JobProgress before, CancellationToken cancellationToken) =>
        await ViewAsync(await snapshots.ReadAfterWriteAsync(job, before, cancellationToken), cancellationToken);

    /// <summary>Describes a reading in full.</summary>
    public async Task<JobView> ViewAsync(JobSnapshot snapshot, CancellationToken cancellationToken)
    {
        var view = View(snapshot, withGenerators: true);
        if (snapshot.Progress.State == JobState.Unreadable) return view;
        return view with
        {
            Plan = PlannedView.Of(snapshot.Job.Plan),
            Actual = await actuals.ViewAsync(snapshot.Job, snapshot.Progress, cancellationToken),
            Dataset = await datasets.ViewAsync(snapshot.Job, snapshot.Progress, cancellationToken),
        };
    }

    /// <summary>Describes a job whose record cannot be read.</summary>
    public static JobView Unreadable(string jobId, StoredRecord<Job> record) => new()
    {
        Id = jobId,
        CreatedAt = record.LastModified ?? default,
        State = JobState.Unreadable,
        Reason = $"{JobLookup.Reason(record)} DELETE /v1/jobs/{jobId} removes the job.",
        Samples = Samples(default(Counts)),
        Batches = Batches(default),
        Links = Links(jobId),
    };

    /// <summary>Describes a reading, but for the dataset.</summary>
    public static JobView View(JobSnapshot snapshot, bool withGenerators) =>
        View(snapshot.Job, snapshot.Progress, snapshot.Depth, withGenerators);

    private static JobView View(Job job, JobProgress read, QueueDepth? depth, bool withGenerators) => new()
    {
        Id = job.Id,
        CreatedAt = job.CreatedAt,
        CreatedBy = job.Owner,
        Name = job.Name,
        Tags = job.Tags,
        Notes = job.Notes,
        State = read.State,
        Reason = Reason(job, read),
        Warnings = Warnings(job, read.Control),
        Spec = Spec(job),
        Samples = Samples(read.Samples),
        Batches = Batches(read.Batches) with { Queued = depth?.Queued, InFlight = depth?.InFlight },
        Generators = withGenerators ? [.. job.Generators.Zip(
            read.Generators, (generator, each) => View(job, generator, each, read.Control))] : null,
        Unique = UniqueView.Of(job, read.Control),
        History = withGenerators ? [.. read.Control.Events.Select(View)] : null,
        SamplesPerSecond = read.SamplesPerSecond is { } rate ? Math.Round(rate, 3) : null,
        EtaSeconds = read is { State: JobState.Running or JobState.Submitting, SamplesPerSecond: > 0 and var pace }
            ? (long)Math.Ceiling(read.Samples.Left / pace) : null,
        FinishedAt = read.Settled ? read.LastChangeAt : null,
        Links = Links(job.Id),
    };

    private static JobLinks Links(string jobId)
    {
        var self = $"/v1/jobs/{jobId}";
        return new JobLinks
        {
            Self = self,
            Samples = self + "/samples",
            Batches = self + "/batches",
            Events = self + "/events",
            Failures = self + "/failures",
            Download = self + "/download",
            Gallery = $"/jobs/{jobId}/gallery",
            Page = $"/jobs/{jobId}",
        };
    }

    private static string? Reason(Job job, JobProgress read)
    {
        if (read.Control.Unreadable is { } unreadable) return $"{unreadable} DELETE /v1/jobs/{job.Id} removes the job.";
        if (read.Control.Reason is { } reason) return reason;
        if (read.Unreadable.Count > 0) return string.Create(CultureInfo.InvariantCulture,
            $"{read.Unreadable.Count} of its manifests cannot be read, the first that of {read.Unreadable.First().Generator} {read.Unreadable.First().Range}. Their samples count as missing; POST /v1/jobs/{job.Id}/retry draws them again.");
        return read.State != JobState.Failed ? null : string.Create(CultureInfo.InvariantCulture,
            $"{read.Samples.Failed:N0} of {read.Samples.Total:N0} samples failed for good; GET /v1/jobs/{job.Id}/failures says why, and POST /v1/jobs/{job.Id}/retry draws them again.");
    }

    private static List<string>? Warnings(Job job, JobControlState control) =>
        (job.Warnings ?? []).Concat(control.Changes.Select(static each => each.Reason!)).ToList() is { Count: > 0 } warnings
            ? warnings : null;

    private static JobSpecView Spec(Job job)
    {
        var shared = job.Generators[0].Parameters;
        var alike = job.Generators.All(generator => generator.Parameters == shared);
        return Spec(job, shared: alike ? shared : null,
            [.. job.Generators.Select(generator => new GeneratorChoice(generator.Source, alike ? null : generator.Parameters,
                generator.Generator is null ? null : generator.Name, generator.Samples))]);
    }

    private static JobSpecView Spec(Job job, ParameterSet? shared, IReadOnlyList<GeneratorChoice> generators) => new()
    {
        Generators = generators,
        Parameters = shared,
        Samples = job.Samples,
        BatchSize = job.BatchSize,
        Seed = job.Seed,
        OutputFormat = job.OutputFormat,
        StartIndex = job.StartIndex,
        Unique = job.Unique ? true : null,
        UniqueAgainst = job.UniqueAgainst,
        Video = job.Video,
        Splits = job.Splits is null ? null
            : new OrderedDictionary<string, double>(job.Splits.Shares.Select(static each => KeyValuePair.Create(each.Name, each.Share))),
        Holdout = job.Holdout,
        HoldoutSplit = job.Holdout is null ? null : job.HoldoutSplitName(),
        About = job.About,
        TimeoutSeconds = job.TimeoutSeconds,
        MaxFailedSamples = job.MaxFailedSamples,
        MaxFailedPercent = job.MaxFailedPercent,
        FailureBudgetPer = job.HasFailureBudget ? job.FailureBudgetPer : null,
        MaxCostUsd = job.MaxCostUsd,
        DeadlineSeconds = job.DeadlineSeconds,
        WebhookUrl = job.WebhookUrl,
    };

    private static JobGeneratorView View(Job job, JobGenerator generator, GeneratorProgress read, JobControlState control) => new()
    {
        Name = generator.Name,
        Generator = generator.Generator,
        Version = generator.Version,
        Parameters = generator.Parameters,
        State = read.State,
        Reason = control.For(generator.Name).Halt?.Reason,
        Samples = Samples(read.Samples),
        Unique = GeneratorUniqueView.Of(job, control.For(generator.Name)),
        Batches = Batches(read.Batches),
    };

    public static JobEventView View(JobEvent each) => new()
    {
        At = each.At,
        Event = each.Type,
        Generator = each.Generator,
        By = each.By,
        Reason = each.Reason,
        TimeoutSeconds = each.TimeoutSeconds,
        Samples = each.Ranges?.Sum(static range => (long)range.Count),
        Version = each.Version,
    };

    private static SampleCounts Samples(Counts counts) => new() { Total = counts.Total, Done = counts.Done, Failed = counts.Failed };

    private static BatchCounts Batches(Counts counts) => new() { Total = counts.Total, Done = counts.Done, Failed = counts.Failed };
}
