using Amazon.S3;
using Amazon.SQS;
using VmDataset.Pipeline.Queue;
using VmDataset.Pipeline.Storage;

namespace VmDataset.Pipeline.Aws;

public static class AwsServices
{
    // Connections are opened as they are needed; 64 senders and some readers is the most there is.
    private const int Connections = 96;

    /// <summary>Adds the ports' adapters to SQS and S3. Needs a <see cref="TimeProvider"/>.</summary>
    /// <param name="storeRetries">Retries of a call to S3, after pauses of up to 2, 4, 8... s.</param>
    public static IServiceCollection AddAwsPorts(this IServiceCollection services, AwsOptions options,
        int storeRetries = AwsClients.Retries) => services
        .AddSingleton(options)
        .AddSingleton<IAmazonSQS>(_ => AwsClients.Sqs(options, Connections))
        .AddSingleton<IAmazonS3>(_ => AwsClients.S3(options, Connections, storeRetries))
        .AddSingleton<IBatchQueue, SqsBatchQueue>()
        .AddSingleton<IDeadLetterQueue, SqsDeadLetterQueue>()
        .AddSingleton<IObjectStore, S3ObjectStore>();
}
