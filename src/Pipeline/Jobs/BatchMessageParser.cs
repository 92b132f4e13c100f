using VmDataset.Pipeline.Generators;
using VmDataset.Pipeline.Json;
using VmDataset.Pipeline.Parameters;
using VmDataset.Pipeline.Videos;

namespace VmDataset.Pipeline.Jobs;

/// <summary>Reads messages that anybody may have put on the queue.</summary>
public static class BatchMessageParser
{
    /// <summary>Ignores unknown fields and reports every mistake in the known ones together.</summary>
    /// <returns>The message, or null and the errors, each naming its field, what was wrong and what is allowed.</returns>
    public static (BatchMessage? Message, IReadOnlyList<string> Errors) Parse(string body)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(body);
        }
        catch (JsonException exception)
        {
            return (null, [$"The message is not JSON: {exception.Message}"]);
        }

        using (document)
        {
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? Read(new JsonFields(document.RootElement))
                : (null, [$"The message must be a JSON object; it is {JsonFields.Describe(document.RootElement)}."]);
        }
    }

    private static (BatchMessage?, IReadOnlyList<string>) Read(JsonFields fields)
    {
        var generator = fields.Text("type", required: true, GeneratorName.IsValid, GeneratorName.Rule);
        var name = fields.Text("as", required: false, GeneratorName.IsValid, GeneratorName.Rule);
        var start = fields.WholeNumber("start_index", required: true, 0, JobLimits.MaxIndexEnd - 1);
        var count = fields.WholeNumber("num_samples", required: true, 1, JobLimits.MaxBatchSize);
        var seed = fields.WholeNumber("seed", required: true, 0, JobLimits.MaxSeed);
        var jobId = fields.Text("job_id", required: false, JobId.IsValid, JobId.Rule);
        var format = fields.Text("output_format", required: false, static word => word is "files" or "webdataset",
            "\"files\" or \"webdataset\"");
        var batchStart = fields.WholeNumber("batch_start", required: false, 0, JobLimits.MaxIndexEnd - 1);
        var attempt = fields.WholeNumber("attempt", required: false, 1, JobLimits.MaxAttempts);
        var generation = fields.WholeNumber("round", required: false, 0, int.MaxValue);
        var timeout = fields.WholeNumber("timeout_seconds", required: false, 1, JobLimits.MaxTimeoutSeconds);
        var version = fields.Text("generator_version", required: false, static text => text.Length is > 0 and <= 100,
            "1 to 100 characters");
        ParameterSet? parameters = null;
        if (fields.Find("parameters", required: false, ParameterSet.Rule) is { } set
            && !ParameterSet.TryRead(set, out parameters, out var problem))
            fields.Refuse("parameters", $"parameters {problem}");
        var video = VideoSpecReader.Read(fields)?.Plain;
        var splits = fields.Find("splits", required: false, SplitPlan.Rule) is { } shares
            ? SplitPlan.Read("splits", shares, fields.Refuse) : null;

        if (start is { } s && count is { } n && (long)s + n > JobLimits.MaxIndexEnd)
            fields.Refuse("start_index", $"start_index + num_samples is {(long)s + n}; allowed: at most {JobLimits.MaxIndexEnd}.");
        if (batchStart > start) fields.Refuse("batch_start", $"batch_start is {batchStart}; allowed: at most start_index.");
        if (start is { } first && count is { } samples && seed is { } baseSeed
            && (long)baseSeed + first + samples - 1 > JobLimits.MaxSeed)
        {
            fields.Refuse("seed",
                $"seed + the last index is {(long)baseSeed + first + samples - 1}; allowed: at most {JobLimits.MaxSeed}.");
        }

        if (fields.Errors.Count > 0) return (null, [.. fields.Errors.Select(static error => error.Message)]);

        return (new BatchMessage
        {
            Generator = generator!,
            As = name == generator ? null : name,
            StartIndex = start!.Value,
            NumSamples = count!.Value,
            Seed = seed!.Value,
            JobId = jobId ?? JobId.AdHoc(seed.Value, parameters, video),
            OutputFormat = format == "webdataset" ? OutputFormat.WebDataset : OutputFormat.Files,
            BatchStart = batchStart,
            Attempt = attempt ?? 1,
            Generation = generation,
            TimeoutSeconds = timeout,
            GeneratorVersion = version,
            Parameters = parameters,
            Video = video,
            Splits = splits,
        }, []);
    }
}
