using Microsoft.Extensions.Logging.Abstractions;
using VmDataset.Pipeline.Aws;
using VmDataset.Pipeline.Queue;
using VmDataset.Pipeline.Tests.DeadLetters;
using VmDataset.Pipeline.Tests.Queue;
using VmDataset.Tests.Aws;

namespace VmDataset.Pipeline.Tests.Aws;

public sealed class SqsDeadLetterQueueTests : DeadLetterQueueContract, IAsyncLifetime
{
    private AwsResources _aws = null!;
    private SqsDeadLetterQueue _deadLetters = null!;

    protected override IBatchQueue Queue => new SqsBatchQueue(_aws.Sqs, _aws.Options, TimeProvider.System, NullLogger<SqsBatchQueue>.Instance);

    protected override IDeadLetterQueue DeadLetters => _deadLetters;

    protected override TimeSpan ShortLease => TimeSpan.FromSeconds(1);

    public async ValueTask InitializeAsync()
    {
        _aws = await AwsResources.CreateAsync(BatchQueueContract.MaxReceives);
        _deadLetters = new SqsDeadLetterQueue(_aws.Sqs, _aws.Options, TimeProvider.System);
    }

    public ValueTask DisposeAsync()
    {
        _deadLetters?.Dispose();
        _aws?.Dispose();
        return ValueTask.CompletedTask;
    }

    protected override IDeadLetterQueue OutOfReach()
    {
        var away = AwsOutOfReach.Create();
        return new SqsDeadLetterQueue(away.Sqs, away.Options, TimeProvider.System);
    }

    [Fact]
    public async Task A_reason_may_hold_anything_and_be_of_any_length()
    {
        await DeadLetters.SendAsync(new OutgoingMessage("bad", "job"), "\u0000\u001b[31mred\ufffe\ud83d\ude00 " + new string('x', 2_000_000), Token);
        var deadLetter = (await DeadLetters.PeekAsync(10, Token)).ShouldHaveSingleItem();
        deadLetter.Body.ShouldBe("bad");
        deadLetter.Reason.ShouldStartWith("[31mred xxx");
        deadLetter.DiedAt!.Value.ShouldBe(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(1));
    }
}
