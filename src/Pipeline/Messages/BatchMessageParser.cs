using System.Text.Json;
using VmDataset.Pipeline.Generators;
using VmDataset.Pipeline.Jobs;

namespace VmDataset.Pipeline.Messages;

/// <summary>Reads messages that anybody may have put on the queue.</summary>
public static class BatchMessageParser
{
    /// <summary>Unknown fields are ignored; everything wrong with the known ones is reported at once.</summary>
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
                ? new Fields(document.RootElement).Read()
                : (null, [$"The message must be a JSON object; it is {Describe(document.RootElement)}."]);
        }
    }

    private static string Describe(JsonElement value)
    {
        if (value.ValueKind is JsonValueKind.Array) return "an array";
        if (value.ValueKind is JsonValueKind.Object) return "an object";
        var text = value.GetRawText();
        return text.Length <= 100 ? text : text[..100] + "…";
    }

    private sealed class Fields(JsonElement root)
    {
        private readonly List<string> _errors = [];

        public (BatchMessage?, IReadOnlyList<string>) Read()
        {
            var generator = Text("type", required: true, GeneratorName.IsValid, GeneratorName.Rule);
            var start = Integer("start_index", required: true, 0, JobLimits.MaxIndexEnd - 1);
            var count = Integer("num_samples", required: true, 1, JobLimits.MaxBatchSize);
            var seed = Integer("seed", required: true, 0, JobLimits.MaxSeed);
            var jobId = Text("job_id", required: false, JobId.IsValid, JobId.Rule);
            var format = Text("output_format", required: false, static word => word is "files" or "webdataset", "\"files\" or \"webdataset\"");
            var attempt = Integer("attempt", required: false, 1, JobLimits.MaxAttempts);

            if (start is { } s && count is { } n && (long)s + n > JobLimits.MaxIndexEnd)
                _errors.Add($"start_index + num_samples is {(long)s + n}; allowed: at most {JobLimits.MaxIndexEnd}.");
            if (start is { } first && count is { } samples && seed is { } baseSeed
                && (long)baseSeed + first + samples - 1 > JobLimits.MaxSeed)
            {
                _errors.Add($"seed + the last index is {(long)baseSeed + first + samples - 1}; allowed: at most {JobLimits.MaxSeed}.");
            }

            if (_errors.Count > 0) return (null, _errors);

            var message = new BatchMessage
            {
                Generator = generator!,
                StartIndex = start!.Value,
                NumSamples = count!.Value,
                Seed = seed!.Value,
                OutputFormat = format == "webdataset" ? OutputFormat.WebDataset : OutputFormat.Files,
                Attempt = attempt ?? 1,
            };
            return (jobId is null ? message : message with { JobId = jobId }, []);
        }

        private int? Integer(string name, bool required, int min, int max)
        {
            if (!Find(name, required, out var value)) return null;
            if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= min && number <= max)
                return number;
            _errors.Add($"{name} is {Describe(value)}; allowed: an integer from {min} to {max}.");
            return null;
        }

        private string? Text(string name, bool required, Func<string, bool> isValid, string rule)
        {
            if (!Find(name, required, out var value)) return null;
            if (value.ValueKind == JsonValueKind.String && value.GetString() is { } text && isValid(text))
                return text;
            _errors.Add($"{name} is {Describe(value)}; allowed: {rule}.");
            return null;
        }

        private bool Find(string name, bool required, out JsonElement value)
        {
            if (root.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null) return true;
            if (required) _errors.Add($"{name} is missing.");
            return false;
        }
    }
}
