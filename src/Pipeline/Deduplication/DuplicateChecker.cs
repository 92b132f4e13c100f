using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Records;

namespace VmDataset.Pipeline.Deduplication;

/// <summary>Looks for duplicates in what a unique job has drawn so far, and asks for further indices where they left too few
/// samples.</summary>
public sealed class DuplicateChecker(ManifestReader manifests, KnownSamples known, JobEventLog log)
{
    /// <summary>The generators whose candidates are all there and have not been looked at. None while others are still drawn: a look is an
    /// event of the whole job.</summary>
    public static IReadOnlyList<GeneratorProgress> Due(Job job, JobProgress read)
    {
        if (!job.Unique || read.State != JobState.Running) return [];
        var going = read.Generators.Where(static generator => generator.State == JobState.Running).ToList();
        return going.TrueForAll(static generator => generator.Samples.Left == 0) ? going : [];
    }

    /// <summary>Looks at what is due: reads a record of each sample.</summary>
    public async Task<DuplicateCounts> CountAsync(Job job, JobProgress read, CancellationToken cancellationToken = default)
    {
        List<DistinctCount> counts = [];
        try
        {
            foreach (var generator in Due(job, read))
                counts.Add(await CountAsync(job, generator, read.Control.For(generator.Name), cancellationToken));
        }
        catch (MissingJobException missing)
        {
            return new DuplicateCounts([], missing.Message);
        }

        return new DuplicateCounts(counts);
    }

    /// <summary>Adds what follows from a look to the job's log. Any number may do it at once: one event comes of it.</summary>
    /// <returns>The event, whose generation is to be sent if it asks for more; null if somebody else was faster.</returns>
    public async Task<JobEvent?> RecordAsync(
        Job job, JobProgress read, DuplicateCounts counts, CancellationToken cancellationToken = default)
    {
        List<DuplicateCheck> checks = [.. counts.Generators.Select(count =>
            CandidatePlan.Check(job, read.Control.For(count.Generator).Checks ?? [], count))];
        var (_, added) = await log.AppendAsync(job.Id, control => control.Events.Count != read.Control.Events.Count ? null
            : counts.Problem is { } problem ? log.Event(JobEventType.Stopped) with { Reason = problem }
            : log.Event(JobEventType.Checked) with { Checks = checks, Reason = Reason(job, checks) }, cancellationToken);
        return added;
    }

    private async Task<DistinctCount> CountAsync(Job job, GeneratorProgress generator, GeneratorControl control,
        CancellationToken cancellationToken)
    {
        var distinct = new DistinctSamples(await known.ReadAsync(job, generator.Name, cancellationToken));
        var candidates = job.Range(job.GeneratorNamed(generator.Name), control);
        await foreach (var sample in manifests.SamplesAsync(job, generator.Name, cancellationToken: cancellationToken))
        {
            // A message of somebody's own may have drawn further ones.
            if (sample.Record.Index >= candidates.End) break;
            distinct.Add(sample.Record.Fingerprint, sample.Record.Index);
        }

        if (distinct.Seen != generator.Samples.Done)
            throw new InvalidDataException(
                $"The manifests of '{generator.Name}' in job '{job.Id}' tell of {distinct.Seen} samples; their names, of {generator.Samples.Done}.");
        return new DistinctCount(generator.Name, candidates.Count, distinct.Count, distinct.SinceLastNew, (int)generator.Samples.Failed,
            distinct.Known);
    }

    private static string Reason(Job job, List<DuplicateCheck> checks)
    {
        var short_ = checks.Where(check => check.Distinct + check.Failed < job.SamplesOf(check.Generator)).ToList();
        if (short_.Count == 0) return $"Every generator has given enough different samples{(checks.Exists(static check => check.Failed > 0) ? ", but for those that failed" : "")}.";
        var more = short_.Where(static check => !check.Settled).ToList();
        var exhausted = short_.Where(static check => check.Settled).ToList();
        return string.Join(' ', new[]
        {
            more.Count == 0 ? null
                : $"Further samples are drawn to replace duplicates: {string.Join(", ", more.Select(static check => $"{check.Next - check.Candidates} of {check.Generator}"))}.",
            exhausted.Count == 0 ? null
                : $"Exhausted: {string.Join(", ", exhausted.Select(static check => $"{check.Generator} gave {check.Distinct} different samples in {check.Candidates}"))}.",
        }.OfType<string>());
    }
}
