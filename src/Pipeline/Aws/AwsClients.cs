using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.SQS;

namespace VmDataset.Pipeline.Aws;

/// <summary>The SDK's clients as the engine wants them.</summary>
public static class AwsClients
{
    // Standard mode backs off exponentially with jitter, up to 20 s a try: seven tries outlast a throttled minute.
    internal const int Retries = 7;

    public static IAmazonS3 S3(AwsOptions options, int connections, int retries = Retries) => new AmazonS3Client(Configured(new AmazonS3Config
    {
        // Emulators seldom resolve a bucket's own host name.
        ForcePathStyle = options.EndpointUrl is not null,
    }, options, connections, retries));

    public static IAmazonSQS Sqs(AwsOptions options, int connections) => new AmazonSQSClient(Configured(new AmazonSQSConfig(), options, connections, Retries));

    /// <summary>Whether a call failed at AWS or on the way there; the ports promise <see cref="IOException"/> for it.</summary>
    internal static bool IsFailure(Exception exception) => exception is AmazonServiceException or AmazonClientException or HttpRequestException;

    private static TConfig Configured<TConfig>(TConfig config, AwsOptions options, int connections, int retries)
        where TConfig : ClientConfig
    {
        if (options.EndpointUrl is { } endpoint)
        {
            config.ServiceURL = endpoint.AbsoluteUri;
            config.AuthenticationRegion = options.Region;
        }
        else
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(options.Region);
        }

        config.RetryMode = RequestRetryMode.Standard;
        config.MaxErrorRetry = retries;
        // The SDK's quota of retries, one for all requests to an endpoint, is spent within two tries when 64 requests at once
        // are throttled; those left over would fail for good. What bounds the load here is the back-off and the number of senders.
        config.ThrottleRetries = false;
        config.MaxConnectionsPerServer = connections;
        return config;
    }
}
