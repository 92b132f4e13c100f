using Amazon.S3;
using Amazon.SQS;
using VmDataset.Pipeline.Aws;

namespace VmDataset.Tests.Aws;

/// <summary>A queue, its dead-letter queue and a bucket of a test's own.</summary>
public sealed class AwsResources : IDisposable
{
    private AwsResources(AwsOptions options, int retries = 7)
    {
        Options = options;
        Sqs = AwsClients.Sqs(options, connections: 64, retries);
        S3 = AwsClients.S3(options, connections: 64, retries);
    }

    public AwsOptions Options { get; private set; }

    public IAmazonSQS Sqs { get; }

    public IAmazonS3 S3 { get; }

    /// <summary>What somebody else made.</summary>
    public static AwsResources Of(AwsOptions options, int retries = 7) => new(options, retries);

    /// <param name="maxReceives">Receives after which the queue moves a message to its dead-letter queue.</param>
    public static async Task<AwsResources> CreateAsync(int maxReceives = 3)
    {
        var emulator = await AwsEmulator.GetAsync();
        var name = $"test-{Guid.NewGuid():N}";
        var resources = new AwsResources(new AwsOptions
        {
            Region = AwsEmulator.Region,
            EndpointUrl = emulator.Endpoint,
            PresignedLinks = true,
            Bucket = name,
            QueueUrl = "",
            DeadLetterQueueUrl = "",
        });
        var dead = (await resources.Sqs.CreateQueueAsync(name + "-dlq")).QueueUrl;
        var arn = (await resources.Sqs.GetQueueAttributesAsync(dead, ["QueueArn"])).QueueARN;
        var queue = await resources.Sqs.CreateQueueAsync(new Amazon.SQS.Model.CreateQueueRequest(name)
        {
            Attributes = new()
            {
                ["RedrivePolicy"] = $$"""{"deadLetterTargetArn": "{{arn}}", "maxReceiveCount": "{{maxReceives}}"}""",
                ["VisibilityTimeout"] = "900",
            },
        });
        await resources.S3.PutBucketAsync(new Amazon.S3.Model.PutBucketRequest { BucketName = name, BucketRegionName = AwsEmulator.Region });
        resources.Options = resources.Options with { QueueUrl = queue.QueueUrl, DeadLetterQueueUrl = dead };
        return resources;
    }

    /// <summary>The variables that tell a worker or API process of these resources.</summary>
    public Dictionary<string, string> Environment() => new()
    {
        ["AWS_REGION"] = Options.Region,
        ["AWS_ENDPOINT_URL"] = Options.EndpointUrl!.AbsoluteUri,
        ["SQS_QUEUE_URL"] = Options.QueueUrl,
        ["SQS_DLQ_URL"] = Options.DeadLetterQueueUrl,
        ["OUTPUT_BUCKET"] = Options.Bucket,
        ["HALT_CHECK_SECONDS"] = "1",
        ["AWS_ACCESS_KEY_ID"] = "test",
        ["AWS_SECRET_ACCESS_KEY"] = "test",
    };

    public void Dispose()
    {
        Sqs.Dispose();
        S3.Dispose();
    }
}
