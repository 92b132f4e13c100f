namespace VmDataset.Pipeline.Aws;

/// <summary>Where the AWS engine's queue and bucket are. Credentials come from the SDK's own chain.</summary>
public sealed record AwsOptions
{
    /// <summary>Such as <c>eu-west-1</c> (<c>AWS_REGION</c>, else <c>AWS_DEFAULT_REGION</c>).</summary>
    public required string Region { get; init; }

    /// <summary>The standard queue of batch messages (<c>SQS_QUEUE_URL</c>).</summary>
    public required string QueueUrl { get; init; }

    /// <summary>Its dead-letter queue (<c>SQS_DLQ_URL</c>).</summary>
    public required string DeadLetterQueueUrl { get; init; }

    /// <summary>The bucket of all objects (<c>OUTPUT_BUCKET</c>).</summary>
    public required string Bucket { get; init; }

    /// <summary>An emulator that stands for every service (<c>AWS_ENDPOINT_URL</c>); null for AWS itself.</summary>
    public Uri? EndpointUrl { get; init; }

    /// <summary>
    /// Whether files are given out as links into the bucket (<c>PRESIGNED_LINKS</c>). If not, the API serves them itself, as
    /// it must where a browser does not see the bucket. By default true on AWS itself and false with an emulator.
    /// </summary>
    public bool PresignedLinks { get; init; } = true;
}
