using System.Text.Unicode;
using Microsoft.Net.Http.Headers;

namespace VmDataset.ControlPlane.Http;

/// <summary>Reads a request's body as a JSON object, by hand, since a binder would not name every field that is wrong.</summary>
internal static class JsonBody
{
    /// <summary>1,000 names of 128 letters come to 131 kB.</summary>
    public const int MaxBytes = 1 << 20;

    /// <param name="request">The request.</param>
    /// <param name="example">What is allowed.</param>
    /// <param name="optional">Whether no body is the same as an empty object.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <returns>The object, or null and the problem.</returns>
    public static async Task<(JsonElement? Body, ProblemHttpResult? Problem)> ReadAsync(
        HttpRequest request, string example, bool optional, CancellationToken cancellationToken)
    {
        if (optional && request.ContentLength is null or 0 && !request.Headers.ContainsKey(HeaderNames.TransferEncoding))
            return (JsonElement.Parse("{}"), null);
        if (!IsUtf8Json(request))
            return (null, Problem.Of(StatusCodes.Status415UnsupportedMediaType, StatusProblems.UnsupportedMediaType(request)));
        if (await BytesAsync(request, cancellationToken) is not { } bytes)
            return (null, Problem.Of(StatusCodes.Status413PayloadTooLarge,
                $"The body is larger than {MaxBytes} bytes; allowed: at most that."));
        if (bytes.Length == 0)
            return (null, Wrong($"The body is empty; allowed: a JSON object such as {example}."));
        if (!Utf8.IsValid(bytes))
            return (null, Wrong("The body is not UTF-8 text; allowed: a JSON object in UTF-8."));
        try
        {
            var body = JsonElement.Parse(bytes);
            return body.ValueKind == JsonValueKind.Object
                ? (body, null)
                : (null, Wrong($"The body is {JsonFields.Describe(body)}; allowed: a JSON object such as {example}."));
        }
        catch (JsonException exception)
        {
            var reason = exception.Message.Split(" LineNumber:", 2)[0];
            return (null, Wrong($"The body is not JSON at line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}: {reason}"));
        }
    }

    private static ProblemHttpResult Wrong(string message) => Problem.Invalid(new ValidationError("body", message));

    private static bool IsUtf8Json(HttpRequest request) =>
        request.HasJsonContentType()
        && MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && (!type.Charset.HasValue || type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase)
            || type.Charset.Equals("\"utf-8\"", StringComparison.OrdinalIgnoreCase));

    private static async Task<byte[]?> BytesAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength > MaxBytes) return null;
        // The length may be unknown or a lie: one byte more than allowed is read to tell.
        var buffer = new byte[Math.Min(request.ContentLength ?? MaxBytes, MaxBytes) + 1];
        var length = await ReadAsync(request.Body, buffer, cancellationToken);
        if (length > MaxBytes) return null;
        var start = buffer.AsSpan(0, length).StartsWith("\uFEFF"u8) ? 3 : 0;
        return buffer[start..length];
    }

    private static async Task<int> ReadAsync(Stream body, byte[] buffer, CancellationToken cancellationToken)
    {
        var length = 0;
        try
        {
            while (length < buffer.Length && await body.ReadAsync(buffer.AsMemory(length), cancellationToken) is > 0 and var read)
            {
                length += read;
                // A slow client is no store that hangs; one that sends next to nothing is refused by the server itself.
                CallProgress.Note();
            }

            return length;
        }
        catch (IOException exception) when (exception is not BadHttpRequestException)
        {
            // Else it would be taken for a store out of reach.
            throw new BadHttpRequestException("The body broke off before its end.", exception);
        }
    }
}
