using VmDataset.ControlPlane.Jobs.Failures;

namespace VmDataset.ControlPlane.Jobs.Control;

/// <summary>Finds the given-up ranges that a retry of one cause takes up again.</summary>
internal sealed class CauseRanges(FailureCauseReader causes, ProgressReader progress)
{
    /// <param name="retry">With a cause.</param>
    /// <returns>The cause's generator and its ranges, which are none if none was given up; or the problem.</returns>
    public async Task<(string? Generator, RangeSet Ranges, ProblemHttpResult? Problem)> FindAsync(
        Job job, JobProgress read, RetryRequest retry, CancellationToken cancellationToken)
    {
        if (await causes.FindAsync(job, read, retry.Cause!, retry.Generator, cancellationToken) is not var (generator, failed))
            return (null, RangeSet.Empty, Problem.Of(StatusCodes.Status409Conflict,
                $"The cause cannot be looked for among more than {FailureCauseReader.MaxSearched:N0} failures: name its generator too, or retry all that is missing of it."));
        if (generator is null) return (null, RangeSet.Empty, Problem.Invalid(new ValidationError(
            "cause", $"cause is \"{retry.Cause}\", by which no missing sample of {retry.Generator ?? "the job"} has failed; allowed: {FailureCause.Rule}.")));
        // Whole ranges, as they were given up: the rest of one would stay behind otherwise.
        var dead = await progress.DeadAsync(job.Id, cancellationToken);
        var given = RangeSet.Of(dead.Where(each => each.Generator == generator && read.Control.IsCounted(each))
            .Select(static each => each.Range).Where(failed.Overlaps));
        return (generator, given.Subtract(read.Finished.GetValueOrDefault(generator, RangeSet.Empty)), null);
    }
}
