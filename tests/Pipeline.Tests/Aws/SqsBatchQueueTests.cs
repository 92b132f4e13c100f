using Microsoft.Extensions.Logging.Abstractions;
using VmDataset.Pipeline.Aws;
using VmDataset.Pipeline.Queue;
using VmDataset.Pipeline.Tests.DeadLetters;
using VmDataset.Pipeline.Tests.Queue;
using VmDataset.Tests.Aws;

namespace VmDataset.Pipeline.Tests.Aws;

public sealed class SqsBatchQueueTests : BatchQueueContract, IAsyncLifetime
{
    private AwsResources _aws = null!;

    protected override IBatchQueue Queue => new SqsBatchQueue(_aws.Sqs, _aws.Options, TimeProvider.System, NullLogger<SqsBatchQueue>.Instance);

    protected override IDeadLetterQueue DeadLetters => new SqsDeadLetterQueue(_aws.Sqs, _aws.Options, TimeProvider.System);

    protected override TimeSpan ShortLease => TimeSpan.FromSeconds(1);

    public async ValueTask InitializeAsync() => _aws = await AwsResources.CreateAsync(MaxReceives);

    public ValueTask DisposeAsync()
    {
        _aws?.Dispose();
        return ValueTask.CompletedTask;
    }

    protected override IBatchQueue OutOfReach()
    {
        var away = AwsOutOfReach.Create();
        return new SqsBatchQueue(away.Sqs, away.Options, TimeProvider.System, NullLogger<SqsBatchQueue>.Instance);
    }

    [Fact]
    public async Task Messages_beyond_the_limit_of_one_request_are_all_sent()
    {
        var sent = Enumerable.Range(0, 237).Select(i => new OutgoingMessage($"{i}", $"job-{i % 3}")).ToList();
        await Queue.SendAsync(sent, Token);
        (await ReceiveAsync(237)).Select(static message => (message.Body, message.Group))
            .ShouldBe(sent.Select(static message => (message.Body, (string?)message.Group)), ignoreOrder: true);
    }

    [Fact]
    public async Task Large_messages_are_spread_over_requests()
    {
        var body = new string('x', 100 * 1024);
        await Queue.SendAsync([.. Enumerable.Range(0, 12).Select(i => new OutgoingMessage($"{i} {body}", "job"))], Token);
        (await ReceiveAsync(12)).Count.ShouldBe(12);
    }

    [Fact]
    public async Task A_message_without_a_group_has_none()
    {
        await Queue.SendAsync([new OutgoingMessage("by hand", "")], Token);
        (await ReceiveAsync(1)).Single().Group.ShouldBeNull();
    }
}
