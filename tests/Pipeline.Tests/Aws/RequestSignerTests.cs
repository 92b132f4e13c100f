using Amazon.Runtime;
using VmDataset.Pipeline.Aws;

namespace VmDataset.Pipeline.Tests.Aws;

/// <summary>Expected signatures are botocore's.</summary>
public sealed class RequestSignerTests
{
    [Theory]
    [InlineData("/a/files/g%20h/%C3%BC.png", null, "2291d8d55d08017c136c2f540a5b23fd2c433b04650ac1da3ecb3a708b15d4d8")]
    [InlineData("/a/files/x~y_z-1.tar", null, "643041529846eb873774f0ad159ee60d534b83cc216d2f89f8ab5980f1f03948")]
    [InlineData("/v1/jobs?limit=20&cursor=a%2Bb%3D&x=", null, "0a955cded5806a5ca483f23f6bcf89a305c040faae91eb14571ae37760d714dd")]
    [InlineData("/a/files/g%20h/%C3%BC.png", "token/+=", "8caf85830816a36a765f8e980bafff704f0fe00e921f8d00b72e7cf3112177c0")]
    [InlineData("/a/files/x~y_z-1.tar", "token/+=", "2f8be93c73bcb05484aa49d55c8d6a7038ad3250fd9ac9d9a3ad8c454d371509")]
    [InlineData("/v1/jobs?limit=20&cursor=a%2Bb%3D&x=", "token/+=", "9266c32df66ab4904c8d6d244297304a783857e73e9cd03accc1e66ee84e0ca8")]
    public void A_signature_covers_the_encoded_path_the_sorted_query_and_the_token(string path, string? token, string signature)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://abc123.lambda-url.eu-west-1.on.aws" + path);

        RequestSigner.Sign(request, [], new ImmutableCredentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", token), "eu-west-1", "lambda", new DateTimeOffset(2015, 8, 30, 12, 36, 0, TimeSpan.Zero));

        request.Headers.GetValues("Authorization").Single().ShouldEndWith($"Signature={signature}");
    }
}
