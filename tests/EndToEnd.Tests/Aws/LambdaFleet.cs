using Amazon.SQS.Model;
using VmDataset.Tests.Aws;

namespace VmDataset.EndToEnd.Tests.Aws;

/// <summary>
/// Functions and the event source mapping that feeds them from the queue: batch size 1, partial batch responses. What
/// a function does not answer for comes back when its visibility timeout ends.
/// </summary>
public sealed class LambdaFleet : IAsyncDisposable
{
    private readonly AwsResources _aws;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<(FakeRuntimeApi Runtime, WorkerProcess Process, Task Feeding)> _functions = [];

    private LambdaFleet(AwsResources aws) => _aws = aws;

    public IEnumerable<WorkerProcess> Processes => _functions.Select(static function => function.Process);

    public static async Task<LambdaFleet> StartAsync(
        AwsResources aws, string generators, int functions, IReadOnlyDictionary<string, string>? settings = null, TimeSpan? timeout = null)
    {
        var fleet = new LambdaFleet(aws);
        for (var i = 0; i < functions; i++)
        {
            var runtime = await FakeRuntimeApi.StartAsync();
            var environment = aws.Environment();
            foreach (var (name, value) in settings ?? new Dictionary<string, string>()) environment[name] = value;
            environment["AWS_LAMBDA_RUNTIME_API"] = runtime.Address;
            environment["AWS_LAMBDA_FUNCTION_NAME"] = "vm-dataset-generator";
            environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] = "1769";
            var process = new WorkerProcess(generators, environment, lanes: 1);
            fleet._functions.Add((runtime, process, fleet.FeedAsync(runtime, timeout ?? TimeSpan.FromMinutes(15))));
        }

        return fleet;
    }

    /// <summary>Gives one event to every function at once, as when a message is delivered twice.</summary>
    public Task<LambdaAnswer[]> InvokeAllAsync(string json) => Task.WhenAll(_functions.Select(function => function.Runtime.InvokeAsync(json)));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        foreach (var (runtime, process, feeding) in _functions)
        {
            await process.DisposeAsync();
            await runtime.DisposeAsync();
            await feeding;
        }

        _stop.Dispose();
    }

    private async Task FeedAsync(FakeRuntimeApi runtime, TimeSpan timeout)
    {
        try
        {
            while (true)
            {
                var received = await _aws.Sqs.ReceiveMessageAsync(new ReceiveMessageRequest
                {
                    QueueUrl = _aws.Options.QueueUrl,
                    MaxNumberOfMessages = 1,
                    WaitTimeSeconds = 1,
                    MessageSystemAttributeNames = ["All"],
                    MessageAttributeNames = ["All"],
                }, _stop.Token);
                foreach (var message in received.Messages ?? []) await DeliverAsync(runtime, message, timeout);
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }

    private async Task DeliverAsync(FakeRuntimeApi runtime, Message message, TimeSpan timeout)
    {
        var sqsEvent = SqsEvents.Of((message.MessageId, message.ReceiptHandle, message.Body,
            int.Parse(message.Attributes["ApproximateReceiveCount"]), message.Attributes.GetValueOrDefault("MessageGroupId"), message.MessageAttributes?.GetValueOrDefault("traceparent")?.StringValue));
        var answer = await runtime.InvokeAsync(sqsEvent, timeout).WaitAsync(_stop.Token);
        if (answer.Succeeded && SqsEvents.Failures(answer.Body).Count == 0)
            await _aws.Sqs.DeleteMessageAsync(_aws.Options.QueueUrl, message.ReceiptHandle);
    }
}
