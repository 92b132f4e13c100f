using VmDataset.Pipeline.Aws;
using VmDataset.Pipeline.Storage;
using VmDataset.Pipeline.Tests.DeadLetters;
using VmDataset.Pipeline.Tests.Storage;
using VmDataset.Tests.Aws;

namespace VmDataset.Pipeline.Tests.Aws;

public sealed class S3ObjectStoreTests : ObjectStoreContract, IAsyncLifetime
{
    private AwsResources _aws = null!;
    private S3ObjectStore _store = null!;

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

    protected override IObjectStore OutOfReach()
    {
        var away = AwsOutOfReach.Create();
        return new S3ObjectStore(away.S3, away.Options, TimeProvider.System);
    }

    [Fact]
    public async Task A_link_gives_the_object_to_anybody_who_has_it()
    {
        await PutAsync("jobs/a/data/ä b.txt", "content");
        using var client = new HttpClient();
        (await client.GetStringAsync(_store.DownloadLink("jobs/a/data/ä b.txt", TimeSpan.FromMinutes(1)))).ShouldBe("content");
    }

    [Fact]
    public void Links_can_be_turned_off() =>
        new S3ObjectStore(_aws.S3, _aws.Options with { PresignedLinks = false }, TimeProvider.System).DownloadLink("a", TimeSpan.FromMinutes(1)).ShouldBeNull();

    [Fact]
    public async Task A_large_file_goes_up_in_parts_and_comes_back_whole()
    {
        using var folder = new TemporaryFolder();
        var bytes = new byte[70 << 20];
        new Random(1).NextBytes(bytes);
        await File.WriteAllBytesAsync(folder.Combine("large"), bytes);

        await _store.PutFileAsync("large", folder.Combine("large"));

        using var found = (await _store.GetAsync("large"))!;
        found.Size.ShouldBe(bytes.Length);
        using var copy = new MemoryStream();
        await found.Content.CopyToAsync(copy);
        copy.ToArray().AsSpan().SequenceEqual(bytes).ShouldBeTrue();
        (await _aws.S3.GetObjectMetadataAsync(_aws.Options.Bucket, "large")).ETag.ShouldContain("-");
    }

    [Fact]
    public async Task A_bucket_that_is_not_there_is_a_store_out_of_reach()
    {
        using var elsewhere = new S3ObjectStore(_aws.S3, _aws.Options with { Bucket = "no-such-bucket" }, TimeProvider.System);
        (await Should.ThrowAsync<ServiceUnreachableException>(() => elsewhere.GetAsync("a"))).Message.ShouldContain("bucket");
    }
}
