using VmDataset.ControlPlane.Webhooks;

namespace VmDataset.ControlPlane.Jobs.Submission;

/// <summary>Reads a job from a request's body and reports everything wrong with it at once.</summary>
internal sealed class JobRequestReader(
    GeneratorListReader generators, WebhookUrlReader webhooks, UniqueAgainstReader against, TimeProvider time,
    IGeneratorRuntime? runtime = null)
{
    private static readonly string[] Known =
    [
        "generators", "samples", "batch_size", "seed", "output_format", "start_index", "unique", UniqueAgainstReader.Field,
        "max_failed_samples", "max_failed_percent", "failure_budget_per", "webhook_url", GeneratorListReader.ParametersField,
        "max_cost_usd", "deadline_seconds", VideoSpecReader.Field, SplitReader.Splits, SplitReader.Holdout, SplitReader.HoldoutSplit,
        AboutReader.Field, LabelReader.Name, LabelReader.Tags, LabelReader.Notes, TimeoutField,
    ];

    private const string TimeoutField = "timeout_seconds";

    /// <param name="body">A JSON object.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <param name="others">Fields that the caller reads itself.</param>
    /// <returns>The job with its defaults filled in, or null and the errors.</returns>
    public async Task<(Job? Job, IReadOnlyList<ValidationError> Errors)> ReadAsync(JsonElement body, CancellationToken cancellationToken,
        params IReadOnlyList<string> others)
    {
        var fields = new JsonFields(body);
        fields.RefuseUnknownAndRepeated([.. Known, .. others]);
        var wanted = await generators.ReadAsync(fields, cancellationToken);
        var haveOwn = wanted.Count > 0 && wanted.All(static generator => generator.Samples is not null);
        // Where each generator has a number of its own, this one is of nothing.
        var samples = fields.WholeNumber("samples", required: !haveOwn, 1, JobLimits.MaxSamples);
        if (haveOwn) samples = wanted.Max(static generator => generator.Samples);
        var batchSize = fields.WholeNumber("batch_size", required: false, 1, JobLimits.MaxBatchSize);
        var seed = fields.WholeNumber("seed", required: false, 0, JobLimits.MaxSeed);
        var format = fields.Text("output_format", required: false, static word => word is "files" or "webdataset",
            "\"files\" or \"webdataset\"");
        var start = fields.WholeNumber("start_index", required: false, 0, JobLimits.MaxIndexEnd - 1) ?? 0;
        var unique = fields.Flag("unique");
        var maxFailed = fields.WholeNumber("max_failed_samples", required: false, 0, int.MaxValue);
        var maxPercent = fields.Number("max_failed_percent", 0, 100);
        var per = fields.Text("failure_budget_per", required: false, static word => word is "job" or "generator",
            "\"job\" or \"generator\"");
        if (maxFailed is not null && maxPercent is not null)
            fields.Refuse("max_failed_percent", "max_failed_percent is there beside max_failed_samples; allowed: one of them.");
        if (per is not null && maxFailed is null && maxPercent is null)
            fields.Refuse("failure_budget_per",
                "failure_budget_per is there without a budget; allowed: with max_failed_samples or max_failed_percent.");
        var maxCost = fields.Number("max_cost_usd", 0, JobLimits.MaxCostUsd);
        var deadline = fields.WholeNumber("deadline_seconds", required: false, 1, JobLimits.MaxDeadlineSeconds);
        var webhook = webhooks.Read(fields);
        var video = VideoSpecReader.Read(fields);
        if (await VideoSupport.ProblemAsync(runtime, video, cancellationToken) is { } lacks) fields.Refuse(lacks.Field, lacks.Message);
        var known = await against.ReadAsync(fields, unique, video, cancellationToken);
        var about = AboutReader.Read(fields);
        var timeout = fields.WholeNumber(TimeoutField, required: false, 1, JobLimits.MaxTimeoutSeconds);
        var (name, tags, notes) = (LabelReader.ReadName(fields), LabelReader.ReadTags(fields), LabelReader.ReadNotes(fields));
        var splitting = SplitReader.Read(fields, wanted);
        IReadOnlyList<int> counts = samples is { } each ? [.. wanted.Select(generator => generator.Samples ?? each)] : [];
        if (counts.Count > 0)
        {
            CheckIndices(fields, start, counts.Max(), seed);
            if (batchSize is { } size) CheckBatches(fields, counts, size);
        }
        else if (samples is { } count)
        {
            CheckIndices(fields, start, count, seed);
        }

        if (fields.Errors.Count > 0) return (null, fields.Errors);

        var now = time.GetUtcNow();
        return (new Job
        {
            Id = JobId.New(now),
            CreatedAt = now,
            Generators = wanted,
            StartIndex = start,
            Samples = samples!.Value,
            BatchSize = batchSize ?? DefaultBatchSize.For(counts),
            // Any index fits on top of it: 1,000,000,000 + 100,000,000 is below 2^31.
            Seed = seed ?? Random.Shared.Next(1_000_000_000),
            OutputFormat = format == "webdataset" ? OutputFormat.WebDataset : OutputFormat.Files,
            Unique = unique ?? known is not null,
            UniqueAgainst = known,
            Video = video,
            Splits = splitting.Splits,
            Holdout = splitting.Holdout,
            HoldoutSplit = splitting.HoldoutSplit,
            About = about,
            Name = name,
            Tags = tags,
            Notes = notes,
            TimeoutSeconds = timeout,
            MaxFailedSamples = maxFailed,
            MaxFailedPercent = maxPercent,
            FailureBudgetPer = per == "generator" ? BudgetScope.Generator : BudgetScope.Job,
            MaxCostUsd = maxCost,
            DeadlineSeconds = deadline,
            WebhookUrl = webhook,
        }, []);
    }

    private static void CheckIndices(JsonFields fields, int start, int samples, int? seed)
    {
        var end = (long)start + samples;
        if (end > JobLimits.MaxIndexEnd)
            fields.Refuse("start_index", Text($"start_index + samples is {end:N0}; allowed: at most {JobLimits.MaxIndexEnd:N0}."));
        if (seed + end - 1 > JobLimits.MaxSeed)
            fields.Refuse("seed", Text($"seed + the last index is {seed + end - 1:N0}; allowed: at most {JobLimits.MaxSeed:N0}."));
    }

    private static void CheckBatches(JsonFields fields, IReadOnlyList<int> samples, int size)
    {
        var batches = samples.Sum(each => ((long)each + size - 1) / size);
        if (batches > JobLimits.MaxBatches)
        {
            fields.Refuse("batch_size", Text(
                $"batch_size is {size}, which makes {batches:N0} batches; allowed: at most {JobLimits.MaxBatches:N0} batches, here from batch_size {DefaultBatchSize.Least(samples):N0} on."));
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
