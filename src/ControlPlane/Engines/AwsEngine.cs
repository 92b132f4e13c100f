using VmDataset.Pipeline.Aws;

namespace VmDataset.ControlPlane.Engines;

/// <summary>SQS queue and S3 bucket; a data folder only where a worker is asked for here too.</summary>
internal static class AwsEngine
{
    public static void AddAwsEngine(this IServiceCollection services, EngineOptions options)
    {
        services.AddAwsPorts(options.Aws!);
        if (options.EmbeddedWorker) services.AddSingleton(_ => new DataFolder(options));
    }
}
