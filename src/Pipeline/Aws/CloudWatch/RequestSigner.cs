using Amazon.Runtime;
using Amazon.Runtime.Internal.Auth;

namespace VmDataset.Pipeline.Aws.CloudWatch;

/// <summary>Signs a request without a query string (Signature Version 4) with the SDK's own signer.</summary>
public static class RequestSigner
{
    public static void Sign(HttpRequestMessage request, byte[] body, ImmutableCredentials credentials, string region, string service,
        DateTimeOffset now)
    {
        var address = request.RequestUri!;
        // Sorted by name, as the canonical request wants them.
        List<(string Name, string Value)> headers =
        [
            ("content-type", request.Content!.Headers.ContentType!.ToString()),
            ("host", address.Authority),
            ("x-amz-date", now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture)),
        ];
        if (credentials.UseToken) headers.Add(("x-amz-security-token", credentials.Token));

        var names = string.Join(';', headers.Select(static header => header.Name));
        var canonical = $"{request.Method}\n{address.AbsolutePath}\n\n"
            + string.Concat(headers.Select(static header => $"{header.Name}:{header.Value}\n"))
            + $"\n{names}\n{Convert.ToHexStringLower(SHA256.HashData(body))}";
        var signature = AWS4Signer.ComputeSignature(credentials, region, now.UtcDateTime, service, names, canonical);

        request.Headers.Host = address.Authority;
        foreach (var (name, value) in headers.Where(static header => header.Name.StartsWith("x-", StringComparison.Ordinal)))
            request.Headers.TryAddWithoutValidation(name, value);
        request.Headers.TryAddWithoutValidation("Authorization", signature.ForAuthorizationHeader);
    }
}
