using VmDataset.ControlPlane.Jobs.Views;

namespace VmDataset.ControlPlane.Jobs.Submission;

/// <summary>Reads the jobs whose samples a unique job is not to repeat.</summary>
internal sealed class UniqueAgainstReader(JobStore jobs, JobSnapshotReader snapshots)
{
    public const string Field = "unique_against";

    /// <summary>Each costs a reading of its progress, and its manifests are read once.</summary>
    public const int MaxJobs = 16;

    /// <summary>Samples of a generator in those jobs, which a worker holds in memory at 40 bytes each.</summary>
    public const long MaxSamples = 5_000_000;

    private static readonly string Rule = $"an array of 1 to {MaxJobs} ids of jobs that have ended, each once";

    /// <summary>Notes everything wrong; what is returned then is of no use.</summary>
    /// <param name="fields">The job's.</param>
    /// <param name="unique">The job's field <c>unique</c>.</param>
    /// <param name="video">The job's form of videos.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<IReadOnlyList<string>?> ReadAsync(JsonFields fields, bool? unique, VideoSpec? video,
        CancellationToken cancellationToken)
    {
        if (fields.Find(Field, required: false, Rule) is not { } value) return null;
        if (unique == false) fields.Refuse(Field, $"{Field} is there beside unique false; allowed: with unique true, or without unique.");
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() is 0 or > MaxJobs)
        {
            fields.Refuse(Field, $"{Field} is {JsonFields.DescribeArray(value)}; allowed: {Rule}.");
            return null;
        }

        List<string> ids = [];
        var samples = 0L;
        foreach (var (at, element) in value.EnumerateArray().Index())
        {
            var name = $"{Field}[{at}]";
            var id = JsonFields.TextOf(element);
            if (id is null || !JobId.IsValid(id) || ids.Contains(id))
                fields.Refuse(name, $"{name} is {JsonFields.Describe(element)}; allowed: the id of a job, once.");
            else samples += await CheckAsync(fields, name, id, video, cancellationToken);
            if (id is not null) ids.Add(id);
        }

        if (samples > MaxSamples)
            fields.Refuse(Field, string.Create(CultureInfo.InvariantCulture,
                $"{Field} names jobs with {samples:N0} samples of a generator; allowed: at most {MaxSamples:N0} together."));
        return ids;
    }

    /// <returns>How many samples it has of each generator at most.</returns>
    private async Task<long> CheckAsync(JsonFields fields, string name, string id, VideoSpec? video, CancellationToken cancellationToken)
    {
        var job = await jobs.FindAsync(id, cancellationToken);
        var progress = job is null ? null : (await snapshots.ReadAsync(job, cancellationToken)).Progress;
        if (job is null || progress is null || progress.Control.Deleted)
            fields.Refuse(name, $"{name} names the job '{id}', which is not there; allowed: a job that GET /v1/jobs lists.");
        else if (!progress.Settled)
            fields.Refuse(name, $"{name} names the job '{id}', which is {progress.State.ToString().ToLowerInvariant()}; allowed: a job that has ended, as its samples may change until then.");
        else if (job.Video?.Plain != video?.Plain)
            fields.Refuse(name, $"{name} names the job '{id}', which has another video: equal puzzles then have other files; allowed: a job with the same video.");
        else return job.Generators.GroupBy(static each => each.Source).Max(same => same.Sum(each => (long)job.SamplesOf(each)));
        return 0;
    }
}
