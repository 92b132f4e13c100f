namespace VmDataset.Cli.Api;

/// <summary>Puts a refusal into words: problem documents (RFC 9457) for a reader, anything else as it is.</summary>
internal static class Problem
{
    private const int Longest = 2000;

    public static ApiException Refused(Connection connection, HttpResponseMessage response, string body)
    {
        var status = (int)response.StatusCode;
        List<string> lines = [$"{connection.Address} answered {status}.", .. Lines(body)];
        if (Hint(connection, status) is { } hint) lines.Add(hint);
        return new ApiException(string.Join('\n', lines.Where(static line => line.Length > 0)), status)
        {
            RetryAfter = response.Headers.RetryAfter is { } wait ? wait.Delta ?? wait.Date - DateTimeOffset.UtcNow : null,
        };
    }

    public static string Start(string text) => text.Length <= Longest ? text : text[..Longest];

    private static string? Hint(Connection connection, int status) => status switch
    {
        401 => $"{connection.KeyName} {(connection.Key is null ? "is not set" : "does not hold there")}; docs/security.md tells how to make a key.",
        403 when connection.Signer is not null =>
            "The permission lambda:InvokeFunctionUrl may be missing, or the clock of this machine be wrong by minutes.",
        403 => "If the API is protected by IAM, --sign signs the requests.",
        _ => null,
    };

    private static List<string> Lines(string body)
    {
        JsonElement problem;
        try
        {
            problem = JsonElement.Parse(body);
        }
        catch (JsonException)
        {
            return [Start(body)];
        }

        if (problem.ValueKind != JsonValueKind.Object) return [Start(body)];
        List<string> lines = [];
        if ((TextOf(problem, "detail") ?? TextOf(problem, "Message") ?? TextOf(problem, "message")) is { } detail) lines.Add(detail);
        if (problem.TryGetProperty("errors", out var errors) && errors.ValueKind == JsonValueKind.Object)
            lines.AddRange(errors.EnumerateObject().SelectMany(Messages).Where(message => !lines.Contains(message.Trim())));
        if (TextOf(problem, "trace_id") is { } trace && problem.TryGetProperty("status", out var status)
            && status.TryGetInt32(out var code) && code >= 500)
            lines.Add($"  The server's log has it under the trace_id {trace}.");
        return lines.Count > 0 ? lines : [TextOf(problem, "title") ?? Start(body)];
    }

    private static IEnumerable<string> Messages(JsonProperty field) => field.Value.ValueKind != JsonValueKind.Array ? []
        : field.Value.EnumerateArray().Where(static message => message.ValueKind == JsonValueKind.String)
            .Select(static message => message.GetString()!)
            .Select(message => message.StartsWith(field.Name, StringComparison.Ordinal) ? $"  {message}" : $"  {field.Name}: {message}");

    private static string? TextOf(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
