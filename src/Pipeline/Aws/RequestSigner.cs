using Amazon.Runtime;
using Amazon.Runtime.Internal.Auth;

namespace VmDataset.Pipeline.Aws;

/// <summary>
/// Signs a request without a query string (Signature Version 4) with the SDK's own signer. Headers that begin with <c>x-amz-</c> are
/// signed too.
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
            ("content-type", request.Content!.Headers.ContentType!.ToString()),
            ("host", address.Authority),
            .. own.Concat(request.Headers.Select(static header => (Name: header.Key.ToLowerInvariant(), Value: header.Value.First()))
                .Where(static header => header.Name.StartsWith("x-amz-", StringComparison.Ordinal)))
                .OrderBy(static header => header.Name, StringComparer.Ordinal),
        ];

        var names = string.Join(';', headers.Select(static header => header.Name));
        var canonical = $"{request.Method}\n{address.AbsolutePath}\n\n"
            + string.Concat(headers.Select(static header => $"{header.Name}:{header.Value}\n"))
            + $"\n{names}\n{Convert.ToHexStringLower(SHA256.HashData(body))}";
        var signature = AWS4Signer.ComputeSignature(credentials, region, now.UtcDateTime, service, names, canonical);

        request.Headers.Host = address.Authority;
        foreach (var (name, value) in own) request.Headers.TryAddWithoutValidation(name, value);
        request.Headers.TryAddWithoutValidation("Authorization", signature.ForAuthorizationHeader);
    }
}
