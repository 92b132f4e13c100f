using Amazon.Runtime;
using Amazon.Runtime.Internal.Auth;

namespace VmDataset.Pipeline.Aws;

/// <summary>
/// Signs a request (Signature Version 4) with the SDK's own signer, for every service but S3, which has rules of its own. Headers that
/// begin with <c>x-amz-</c> are signed too.
/// </summary>
public static class RequestSigner
{
    public static void Sign(HttpRequestMessage request, byte[] body, ImmutableCredentials credentials, string region, string service,
        DateTimeOffset now)
    {
        var address = request.RequestUri!;
        List<(string Name, string Value)> own =
            [("x-amz-date", now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture))];
        if (credentials.UseToken) own.Add(("x-amz-security-token", credentials.Token));
        // Sorted by name, as the canonical request wants them.
        List<(string Name, string Value)> headers =
        [
            .. ContentType(request),
            ("host", address.Authority),
            .. own.Concat(request.Headers.Select(static header => (Name: header.Key.ToLowerInvariant(), Value: header.Value.First()))
                .Where(static header => header.Name.StartsWith("x-amz-", StringComparison.Ordinal)))
                .OrderBy(static header => header.Name, StringComparer.Ordinal),
        ];

        var names = string.Join(';', headers.Select(static header => header.Name));
        var canonical = $"{request.Method}\n{Path(address)}\n{Query(address)}\n"
            + string.Concat(headers.Select(static header => $"{header.Name}:{header.Value}\n"))
            + $"\n{names}\n{Convert.ToHexStringLower(SHA256.HashData(body))}";
        var signature = AWS4Signer.ComputeSignature(credentials, region, now.UtcDateTime, service, names, canonical);

        request.Headers.Host = address.Authority;
        foreach (var (name, value) in own) request.Headers.TryAddWithoutValidation(name, value);
        request.Headers.TryAddWithoutValidation("Authorization", signature.ForAuthorizationHeader);
    }

    private static IEnumerable<(string, string)> ContentType(HttpRequestMessage request) =>
        request.Content?.Headers.ContentType is { } type ? [("content-type", type.ToString())] : [];

    // As it is sent, encoded once more.
    private static string Path(Uri address) => string.Join('/', address.AbsolutePath.Split('/').Select(Uri.EscapeDataString));

    private static string Query(Uri address) => string.Join('&', address.Query.TrimStart('?')
        .Split('&', StringSplitOptions.RemoveEmptyEntries)
        .Select(static pair => pair.Split('=', 2))
        .Select(static pair => (Name: Encoded(pair[0]), Value: Encoded(pair.ElementAtOrDefault(1) ?? "")))
        .OrderBy(static pair => pair.Name, StringComparer.Ordinal).ThenBy(static pair => pair.Value, StringComparer.Ordinal)
        .Select(static pair => $"{pair.Name}={pair.Value}"));

    private static string Encoded(string text) => Uri.EscapeDataString(Uri.UnescapeDataString(text.Replace('+', ' ')));
}
