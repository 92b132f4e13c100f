using System.Collections.Concurrent;
using Amazon.Runtime;
using Amazon.SQS;
using Microsoft.Extensions.Logging.Abstractions;
using VmDataset.Pipeline.Aws;
using VmDataset.Pipeline.Queue;
using VmDataset.Pipeline.Tests.DeadLetters;
using VmDataset.Tests.Aws;

namespace VmDataset.Pipeline.Tests.Aws;

/// <summary>The sender against a queue that fails as it is told. Emulators never do.</summary>
public sealed class SqsSenderTests : IAsyncLifetime
{
    private StubSqs _stub = null!;
    private IAmazonSQS _sqs = null!;
    private SqsBatchQueue _queue = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Environment.SetEnvironmentVariable("AWS_ACCESS_KEY_ID", "test");
        Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", "test");
        _stub = await StubSqs.StartAsync();
        var options = new AwsOptions
        {
            Region = "eu-central-1",
            EndpointUrl = _stub.Endpoint,
            QueueUrl = _stub.QueueUrl,
            DeadLetterQueueUrl = _stub.QueueUrl + "-dlq",
            Bucket = "none",
        };
        _sqs = AwsClients.Sqs(options, connections: 64);
        _queue = new SqsBatchQueue(_sqs, options, new HurriedTime(), NullLogger<SqsBatchQueue>.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        _sqs.Dispose();
        await _stub.DisposeAsync();
    }

    [Fact]
    public async Task Entries_refused_one_by_one_are_sent_again_and_no_others()
    {
        var messages = Messages(1_000);
        var refusals = new ConcurrentDictionary<string, int>(messages.Select(static (message, i) => KeyValuePair.Create(message.Body, i % 3)));
        _stub.FailEntry = (body, came) => came <= refusals[body] ? new EntryFault("InternalError", "Try again.", SenderFault: false) : null;
        await _queue.SendAsync(messages, Token);
        foreach (var message in messages) _stub.Of(message.Body).ShouldBe((refusals[message.Body] + 1, 1), message.Body);
        _stub.Counts().ShouldBe(new StubSqsCounts(Requests: 300, Taken: 1_000, Distinct: 1_000));
    }

    [Fact]
    public async Task An_entry_that_is_the_senders_fault_is_an_error_that_says_why_and_is_not_sent_again()
    {
        _stub.FailEntry = static (body, _) => body == "message 7" ? new EntryFault("InvalidMessageContents", "Characters outside the set.", SenderFault: true) : null;
        var error = await Should.ThrowAsync<IOException>(() => _queue.SendAsync(Messages(10), Token));
        error.Message.ShouldBe("SQS refused 1 of 10 messages: InvalidMessageContents Characters outside the set.");
        _stub.Of("message 7").ShouldBe((1, 0));
    }

    [Fact]
    public async Task An_entry_that_is_refused_for_ever_is_an_error_after_eight_tries()
    {
        _stub.FailEntry = static (body, _) => body == "message 3" ? new EntryFault("InternalError", "Down.", SenderFault: false) : null;
        var error = await Should.ThrowAsync<IOException>(() => _queue.SendAsync(Messages(10), Token));
        error.Message.ShouldBe("SQS refused 1 of 10 messages: InternalError Down.");
        _stub.Of("message 3").ShouldBe((8, 0));
        _stub.Of("message 4").ShouldBe((1, 1));
    }

    [Theory]
    [InlineData(503, "ServiceUnavailable")]
    [InlineData(500, "InternalFailure")]
    [InlineData(400, "RequestThrottled")]
    [InlineData(400, "ThrottlingException")]
    public async Task A_request_that_is_refused_for_the_moment_is_sent_again(int status, string code)
    {
        _stub.FailRequest = number => number <= 2 ? new RequestFault(status, code, "Not now.") : null;
        await _queue.SendAsync(Messages(40), Token);
        _stub.Counts().ShouldBe(new StubSqsCounts(Requests: 6, Taken: 40, Distinct: 40));
    }

    // The SDK's own quota allows 100 retries.
    [Fact]
    public async Task All_senders_outlast_a_wave_of_throttling()
    {
        _stub.FailRequest = static number => number <= 130 ? new RequestFault(400, "RequestThrottled", "Not now.") : null;
        await _queue.SendAsync(Messages(640), Token);
        _stub.Counts().ShouldBe(new StubSqsCounts(Requests: 194, Taken: 640, Distinct: 640));
    }

    [Fact]
    public async Task A_request_that_is_wrong_is_an_error_at_once()
    {
        _stub.FailRequest = static _ => new RequestFault(400, "QueueDoesNotExist", "There is no such queue.");
        var error = await Should.ThrowAsync<IOException>(() => _queue.SendAsync(Messages(10), Token));
        error.InnerException.ShouldBeAssignableTo<AmazonServiceException>();
        error.Message.ShouldContain("There is no such queue.");
        _stub.Counts().Requests.ShouldBe(1);
    }

    private static List<OutgoingMessage> Messages(int count) => [.. Enumerable.Range(0, count).Select(static i => new OutgoingMessage($"message {i}", "job"))];

    /// <summary>The sender's own back-off takes a hundredth of its time.</summary>
    private sealed class HurriedTime : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, dueTime / 100, period);
    }
}
