using VmDataset.Pipeline.Settings;

namespace VmDataset.Pipeline.Aws;

/// <summary>Where the queue and the bucket of the AWS backend are. Credentials come from the SDK's own chain.</summary>
public sealed partial record AwsOptions : IValidatableObject
{
    private const string QueueAllowed = "a queue's URL, such as https://sqs.eu-west-1.amazonaws.com/123456789012/vm-dataset-tasks";

    private readonly bool? _presignedLinks;

    /// <summary>Such as <c>eu-west-1</c>.</summary>
    [Pattern("[a-z]{2}(-[a-z]+)+-[0-9]+", Name = "AWS_REGION", Fallback = "AWS_DEFAULT_REGION", Required = true,
        Allowed = "a region's name, such as eu-west-1")]
    public string Region { get; init; } = "";

    /// <summary>The standard queue of batch messages.</summary>
    [HttpUrl(Name = "SQS_QUEUE_URL", Required = true, Allowed = QueueAllowed)]
    public string QueueUrl { get; init; } = "";

    /// <summary>Its dead-letter queue.</summary>
    [HttpUrl(Name = "SQS_DLQ_URL", Required = true, Allowed = QueueAllowed)]
    public string DeadLetterQueueUrl { get; init; } = "";

    /// <summary>The bucket of all objects.</summary>
    [Pattern("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", Name = "OUTPUT_BUCKET", Required = true,
        Allowed = "a bucket's name (3 to 63 lower-case letters, digits, '.' or '-'), without s3://")]
    public string Bucket { get; init; } = "";

    /// <summary>An emulator that stands for every service; null for AWS itself.</summary>
    [HttpUrl(Name = "AWS_ENDPOINT_URL", Allowed = "an emulator's address, such as http://127.0.0.1:5000, or unset for AWS itself")]
    public Uri? EndpointUrl { get; init; }

    /// <summary>
    /// Whether files are given out as links into the bucket. If not, the API serves them itself, as it must where a browser does not
    /// see the bucket. By default true on AWS itself and false with an emulator.
    /// </summary>
    [Setting]
    public bool PresignedLinks
    {
        get => _presignedLinks ?? EndpointUrl is null;
        init => _presignedLinks = value;
    }

    /// <summary>
    /// The longest time until a worker notices that a job was cancelled, paused, stopped or deleted. Each check is a LIST, and with one a
    /// second a fleet pays S3 a third of what it pays for computing. The control plane and its workers need the same value. Set in whole
    /// seconds.
    /// </summary>
    [WholeNumber(1, 60, Name = "HALT_CHECK_SECONDS")]
    public TimeSpan HaltCheck { get; init; } = TimeSpan.FromSeconds(15);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        var isAws = HttpUrlAttribute.Parse(EndpointUrl?.OriginalString) is null;
        foreach (var (name, text) in new[] { ("SQS_QUEUE_URL", QueueUrl), ("SQS_DLQ_URL", DeadLetterQueueUrl) })
        {
            if (HttpUrlAttribute.Parse(text) is not { } url) continue;
            if (url.AbsolutePath.EndsWith(".fifo", StringComparison.Ordinal))
                yield return new($"{name} is '{text}', a FIFO queue; allowed: a standard queue.");
            if (isAws && Region.Length > 0 && QueueHost().Match(url.Host) is { Success: true } host && host.Groups[1].Value is var region
                && region != Region)
                yield return new($"{name} is in the region '{region}' and AWS_REGION is '{Region}'; allowed: the same region.");
        }

        if (HttpUrlAttribute.Parse(QueueUrl) is { } queue && queue == HttpUrlAttribute.Parse(DeadLetterQueueUrl))
            yield return new("SQS_DLQ_URL is the same as SQS_QUEUE_URL; allowed: a queue of its own for what was given up.");
    }

    [GeneratedRegex(@"^sqs\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex QueueHost();
}
