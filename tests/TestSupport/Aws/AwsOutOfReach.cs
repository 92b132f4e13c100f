using VmDataset.Pipeline.Aws;

namespace VmDataset.Tests.Aws;

/// <summary>An AWS endpoint to which no connection can be made.</summary>
public static class AwsOutOfReach
{
    public static AwsResources Create()
    {
        Environment.SetEnvironmentVariable("AWS_ACCESS_KEY_ID", "test");
        Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", "test");
        var endpoint = new Uri("http://127.0.0.1:1");
        return AwsResources.Of(new AwsOptions
        {
            Region = "eu-west-1",
            QueueUrl = new Uri(endpoint, "/000000000000/tasks").AbsoluteUri,
            DeadLetterQueueUrl = new Uri(endpoint, "/000000000000/dead").AbsoluteUri,
            Bucket = "bucket",
            EndpointUrl = endpoint,
        }, retries: 0);
    }
}
