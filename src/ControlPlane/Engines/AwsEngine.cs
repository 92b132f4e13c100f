using VmDataset.ControlPlane.Fleet;
using VmDataset.Pipeline.Aws;
using VmDataset.Pipeline.Aws.CloudWatch;

namespace VmDataset.ControlPlane.Engines;

/// <summary>SQS queue and S3 bucket; a data folder only where a worker is asked for here too.</summary>
internal static class AwsEngine
{
    public static void AddAwsEngine(this IServiceCollection services, EngineOptions options)
    {
        services.AddAwsPorts(options.Aws!);
        services.AddSingleton<ICloudWatch>(provider => new CloudWatchClient(options.Aws!, Http(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IFleetFigures, CloudWatchFigures>();
        if (options.EmbeddedWorker) services.AddSingleton(_ => new DataFolder(options));
    }

    // Connections are renewed, as the address behind the name changes.
    private static HttpClient Http() =>
        new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5) }) { Timeout = TimeSpan.FromSeconds(10) };
}
