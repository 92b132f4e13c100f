using VmDataset.ControlPlane.Operations.Fleet;
using VmDataset.Pipeline.Aws;
using VmDataset.Pipeline.Aws.CloudWatch;

namespace VmDataset.ControlPlane.Hosting;

/// <summary>SQS queue and S3 bucket; a data folder only where a worker is asked for here too.</summary>
internal static partial class AwsBackend
{
    // Somebody waits for most of the API's calls; a worker has more time.
    public const int StoreRetries = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static void AddAwsBackend(this IServiceCollection services, AwsOptions options, bool embeddedWorker)
    {
        services.AddAwsPorts(options, StoreRetries);
#if AWS_PACKAGES
        services.AddSingleton<ICloudWatch>(_ => SdkCloudWatch.Create(options));
#else
        services.AddSingleton<ICloudWatch>(provider => new CloudWatchClient(options, Http(), provider.GetRequiredService<TimeProvider>()));
#endif
        services.AddSingleton<IFleetFigures, CloudWatchFigures>();
        if (embeddedWorker) services.AddSingleton<DataFolder>();
    }

    /// <summary>Makes the first call to the queue. The SDK's first call takes a second of compiling, which is better paid now than by the
    /// first job, and a queue out of reach appears in the log of the start. The queue may come yet, so the start goes on.</summary>
    public static async Task OpenAsync(IServiceProvider services)
    {
        try
        {
            using var limit = new CancellationTokenSource(Patience);
            await services.GetRequiredService<IBatchQueue>().GetDepthAsync(cancellationToken: limit.Token);
        }
        // Whatever it is, /health/ready says it until it is mended.
        catch (Exception exception)
        {
            Log.Unreachable(services.GetRequiredService<ILogger<SqsBatchQueue>>(), exception.Message);
        }
    }

#if !AWS_PACKAGES
    // Connections are renewed, as the address behind the name changes. Less than StallTimeout.Limit, so that the answer names the service.
    private static HttpClient Http() =>
        new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5) }) { Timeout = TimeSpan.FromSeconds(6) };
#endif

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The queue cannot be reached: {Reason}")]
        public static partial void Unreachable(ILogger logger, string reason);
    }
}
