using System.Net.Sockets;
using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.SQS;
using VmDataset.Pipeline.Storage;

namespace VmDataset.Pipeline.Aws;

/// <summary>The SDK's clients, configured for this product.</summary>
public static class AwsClients
{
    // Standard mode backs off exponentially with jitter, up to 20 s a try: seven tries outlast a throttled minute.
    internal const int Retries = 7;

    public static IAmazonS3 S3(AwsOptions options, int connections, int retries = Retries)
    {
        var client = new AmazonS3Client(Configured(new AmazonS3Config
        {
            // Emulators seldom resolve a bucket's own host name.
            ForcePathStyle = options.EndpointUrl is not null,
        }, options, connections, retries));
        client.AfterResponseEvent += static (_, _) => CallProgress.Note();
        return client;
    }

    public static IAmazonSQS Sqs(AwsOptions options, int connections, int retries = Retries)
    {
        var client = new AmazonSQSClient(Configured(new AmazonSQSConfig(), options, connections, retries));
        client.AfterResponseEvent += static (_, _) => CallProgress.Note();
        return client;
    }

    /// <summary>Whether a call failed at AWS or on the way there.</summary>
    internal static bool IsFailure(Exception exception) =>
        exception is AmazonServiceException or AmazonClientException or HttpRequestException
        or TaskCanceledException { InnerException: TimeoutException };

    /// <summary>
    /// Whether the failure may pass by itself: nothing answered, or AWS itself failed. A bucket or a queue that does not exist, or that
    /// these credentials may not use, is a failure that stays.
    /// </summary>
    public static bool IsPassing(Exception failure)
    {
        for (var cause = failure; cause is not null; cause = cause.InnerException)
        {
            if (cause is HttpRequestException or OperationCanceledException or TimeoutException or SocketException) return true;
            if (cause is AmazonServiceException { StatusCode: not 0 } answer) return (int)answer.StatusCode is >= 500 or 429;
        }

        return false;
    }

    /// <summary>Makes a call, and turns the SDK's exceptions into the one that the ports promise.</summary>
    /// <exception cref="ServiceUnreachableException">The call failed.</exception>
    internal static async Task<T> ReachingAsync<T>(string what, Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (Exception exception) when (IsFailure(exception))
        {
            throw new ServiceUnreachableException($"{what} failed: {exception.Message}", exception);
        }
    }

    internal static TConfig Configured<TConfig>(TConfig config, AwsOptions options, int connections, int retries)
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
        // The SDK's quota of retries, one for all requests to an endpoint, is spent within two tries when 64 concurrent requests
        // are throttled; those left over would fail for good. What bounds the load here is the back-off and the number of senders.
        config.ThrottleRetries = false;
        config.MaxConnectionsPerServer = connections;
        return config;
    }
}
