using Microsoft.Extensions.Logging.Abstractions;
using VmDataset.Pipeline.Aws;
using VmDataset.Pipeline.Queue;
using VmDataset.Pipeline.Storage;
using VmDataset.Pipeline.Tests.DeadLetters;
using VmDataset.Tests.Aws;

namespace VmDataset.Pipeline.Tests.Aws;

public sealed class AwsDeadLetterTests : DeadLetterServiceContract, IAsyncLifetime
{
    private AwsResources _aws = null!;
    private S3ObjectStore _store = null!;

    protected override IBatchQueue Queue => new SqsBatchQueue(_aws.Sqs, _aws.Options, TimeProvider.System, NullLogger<SqsBatchQueue>.Instance);

    protected override IDeadLetterQueue DeadLetters => new SqsDeadLetterQueue(_aws.Sqs, _aws.Options, TimeProvider.System);

    protected override IObjectStore Store => _store;

    public async ValueTask InitializeAsync()
    {
        _aws = await AwsResources.CreateAsync();
        _store = new S3ObjectStore(_aws.S3, _aws.Options, TimeProvider.System);
    }

    public ValueTask DisposeAsync()
    {
        _store?.Dispose();
        _aws?.Dispose();
        return ValueTask.CompletedTask;
    }
}
