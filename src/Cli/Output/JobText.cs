using VmDataset.Cli.Api;

namespace VmDataset.Cli.Output;

/// <summary>Jobs in words.</summary>
internal static class JobText
{
    public static string Accepted(Job job)
    {
        if (job.Spec is not { } spec) return Progress(job);
        var parameters = spec.Parameters is { } set ? $"parameters {set.GetRawText()}, " : "";
        return $"{spec.Samples} samples of each of {spec.Generators.Count} generators from index {spec.StartIndex}, seed {spec.Seed}, {parameters}"
            + $"{job.Batches?.Total} batches of up to {spec.BatchSize}, as {spec.OutputFormat}";
    }

    /// <summary>Such as "3 of 10 samples, 1 failed, 2.5 a second, 4 s left".</summary>
    public static string Progress(Job job)
    {
        List<string> parts = [$"{job.Samples.Done} of {job.Samples.Total} samples"];
        if (job.Samples.Failed > 0) parts.Add($"{job.Samples.Failed} failed");
        if (job.SamplesPerSecond is { } rate) parts.Add($"{Figures.Rate(rate)} a second");
        if (job.EtaSeconds is { } left) parts.Add($"{Figures.Duration(left)} left");
        if (job.Actual?.CostUsd is { } cost) parts.Add($"{Figures.Dollars(cost)} so far");
        return string.Join(", ", parts);
    }

    /// <summary>The job, one fact a line.</summary>
    public static IEnumerable<string> Lines(Job job, string address)
    {
        yield return $"job        {job.Id}";
        if (job.Name is { } name) yield return $"name       {name}";
        if (job.Tags.Count > 0) yield return $"tags       {string.Join(", ", job.Tags)}";
        yield return $"state      {job.State}{(job.Reason is { } reason ? $": {reason}" : "")}";
        yield return $"samples    {Progress(job)}";
        if (job.Spec is not null) yield return $"request    {Accepted(job)}";
        yield return $"created    {Figures.Moment(job.CreatedAt)}{(job.CreatedBy is { } by ? $" by {by}" : "")}";
        if (job.FinishedAt is { } end) yield return $"finished   {Figures.Moment(end)}";
        if (job.Plan is { } plan) yield return $"planned    {Figures.Duration(plan.Seconds.Likely)}{(plan.CostUsd is { } cost ? $", {Figures.Dollars(cost.Likely)}" : "")}";
        if (job.Actual is { } actual) yield return $"so far     {Figures.Duration(actual.Seconds)}{(actual.CostUsd is { } paid ? $", {Figures.Dollars(paid)}" : "")}";
        if (job.Dataset is { } dataset) yield return $"dataset    {Dataset(dataset)}";
        if (job.Links?.Page is { } page) yield return $"page       {address}{page}";
        foreach (var warning in job.Warnings) yield return $"warning    {warning}";
    }

    public static string Failure(Failure failure) =>
        $"{failure.Generator} {Range(failure)}: {failure.Kind}, attempt {failure.Attempt}{(failure.Permanent ? ", given up" : "")}: {failure.Message}";

    /// <summary>Such as "chess: 6 samples in 2 batches, from index 17 on, 5 given up, last 2026-11-28 12:00:00Z: raised: no #".</summary>
    public static string Cause(FailureCause cause)
    {
        var dead = cause.PermanentSamples > 0 ? $", {Figures.Count(cause.PermanentSamples)} given up" : "";
        return $"{cause.Id} {cause.Generator}: {Figures.Count(cause.Samples)} sample{(cause.Samples == 1 ? "" : "s")} in "
            + $"{Figures.Count(cause.Batches)} batch{(cause.Batches == 1 ? "" : "es")}, from index {cause.FirstIndex} on{dead}, "
            + $"last {Figures.Moment(cause.Newest.FailedAt)}: {cause.Kind}: {cause.Message}";
    }

    public static string Range(Failure failure) => failure.Samples == 1 ? $"{failure.StartIndex}"
        : $"{failure.StartIndex}-{failure.StartIndex + failure.Samples - 1}";

    private static string Dataset(Dataset dataset) => dataset.State == "ready"
        ? $"ready: {Figures.Count(dataset.Samples)} samples, {Figures.Bytes(dataset.Bytes ?? 0)}"
        : dataset.Problem is { } problem ? $"{dataset.State}: {problem}" : dataset.State;
}
