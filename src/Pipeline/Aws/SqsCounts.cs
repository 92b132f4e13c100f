using Amazon.SQS;

namespace VmDataset.Pipeline.Aws;

/// <summary>A queue's number of messages as SQS counts them; a minute or more behind.</summary>
/// <param name="Waiting">Visible or delayed.</param>
/// <param name="InFlight">Received and not yet deleted.</param>
internal readonly record struct SqsCounts(long Waiting, long InFlight)
{
    public static async Task<SqsCounts> ReadAsync(IAmazonSQS sqs, string queueUrl, CancellationToken cancellationToken)
    {
        var counts = await sqs.GetQueueAttributesAsync(queueUrl,
            ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed", "ApproximateNumberOfMessagesNotVisible"],
                cancellationToken);
        return new SqsCounts(counts.ApproximateNumberOfMessages + counts.ApproximateNumberOfMessagesDelayed,
            counts.ApproximateNumberOfMessagesNotVisible);
    }
}
