namespace VmDataset.ControlPlane.Tests.Hosting;

public sealed class AwsSettingsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public AwsSettingsTests() => Directory.CreateDirectory(_folder.Combine("generators"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_mistake_is_told_at_once()
    {
        (await MistakesAsync([])).ShouldBe(
        [
            "- AWS_REGION is not set; allowed: a region's name, such as eu-west-1.",
            "- OUTPUT_BUCKET is not set; allowed: a bucket's name (3 to 63 lower-case letters, digits, '.' or '-'), without s3://.",
            "- SQS_DLQ_URL is not set; allowed: a queue's URL, such as https://sqs.eu-west-1.amazonaws.com/123456789012/vm-dataset-tasks.",
            "- SQS_QUEUE_URL is not set; allowed: a queue's URL, such as https://sqs.eu-west-1.amazonaws.com/123456789012/vm-dataset-tasks.",
        ]);
        (await MistakesAsync(new()
        {
            ["PORT"] = "eighty",
            ["AWS_REGION"] = "Frankfurt",
            ["SQS_QUEUE_URL"] = "vm-dataset-tasks",
            ["SQS_DLQ_URL"] = "https://sqs.eu-west-1.amazonaws.com/123456789012/dead.fifo",
            ["OUTPUT_BUCKET"] = "s3://vm-dataset-outputs",
            ["AWS_ENDPOINT_URL"] = "localhost:4566",
            ["PRESIGNED_LINKS"] = "maybe",
        })).ShouldBe(
        [
            "- AWS_ENDPOINT_URL is 'localhost:4566'; allowed: an emulator's address, such as http://127.0.0.1:5000, or unset for AWS itself.",
            "- AWS_REGION is 'Frankfurt'; allowed: a region's name, such as eu-west-1.",
            "- OUTPUT_BUCKET is 's3://vm-dataset-outputs'; allowed: a bucket's name (3 to 63 lower-case letters, digits, '.' or '-'), without s3://.",
            "- PORT is 'eighty'; allowed: an integer from 0 to 65,535.",
            "- PRESIGNED_LINKS is 'maybe'; allowed: true or false.",
            "- SQS_DLQ_URL is 'https://sqs.eu-west-1.amazonaws.com/123456789012/dead.fifo', a FIFO queue; allowed: a standard queue.",
            "- SQS_DLQ_URL is in the region 'eu-west-1' and AWS_REGION is 'Frankfurt'; allowed: the same region.",
            "- SQS_QUEUE_URL is 'vm-dataset-tasks'; allowed: a queue's URL, such as https://sqs.eu-west-1.amazonaws.com/123456789012/vm-dataset-tasks.",
        ]);
    }

    [Fact]
    public async Task The_two_queues_are_two() => (await MistakesAsync(new(Valid) { ["SQS_DLQ_URL"] = Valid["SQS_QUEUE_URL"] }))
        .ShouldBe(["- SQS_DLQ_URL is the same as SQS_QUEUE_URL; allowed: a queue of its own for what was given up."]);

    [Fact]
    public async Task An_index_that_is_none_is_refused()
    {
        await File.WriteAllTextAsync(_folder.Combine("index.json"), """{"items": []}""");
        using var server = Start(new(Valid) { ["GENERATORS_INDEX"] = _folder.Combine("index.json") });
        var (code, errors) = await server.EndAsync();
        code.ShouldBe(1);
        errors.ShouldContain("which cannot be read");
    }

    private static readonly Dictionary<string, string> Valid = new()
    {
        ["AWS_REGION"] = "eu-west-1",
        ["SQS_QUEUE_URL"] = "https://sqs.eu-west-1.amazonaws.com/123456789012/vm-dataset-tasks",
        ["SQS_DLQ_URL"] = "https://sqs.eu-west-1.amazonaws.com/123456789012/vm-dataset-tasks-dlq",
        ["OUTPUT_BUCKET"] = "vm-dataset-outputs",
    };

    private async Task<string[]> MistakesAsync(Dictionary<string, string> environment)
    {
        using var server = Start(environment);
        var (code, errors) = await server.EndAsync();
        code.ShouldBe(1);
        return errors.Trim().Split('\n')[1..];
    }

    private ServerProcess Start(Dictionary<string, string> environment) => new(_folder.Path, environment, "--Engine", "Aws");
}
