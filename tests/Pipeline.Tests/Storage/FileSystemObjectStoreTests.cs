using VmDataset.Pipeline.Local;
using VmDataset.Pipeline.Storage;

namespace VmDataset.Pipeline.Tests.Storage;

public sealed class FileSystemObjectStoreTests : ObjectStoreContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FileSystemObjectStore _store;

    public FileSystemObjectStoreTests() => _store = new FileSystemObjectStore(_folder.Path);

    protected override IObjectStore Store => _store;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_put_that_fails_leaves_nothing()
    {
        await using var broken = new BrokenStream();
        await Should.ThrowAsync<IOException>(() => Store.PutAsync("half", broken, cancellationToken: TestContext.Current.CancellationToken));
        Directory.EnumerateFiles(_folder.Path, "*", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    [Fact]
    public async Task Left_overs_of_a_killed_process_are_removed_and_never_listed()
    {
        await File.WriteAllTextAsync(_folder.Combine(".partial", "left"), "half", TestContext.Current.CancellationToken);
        await PutAsync("kept/object", "x");
        var reopened = new FileSystemObjectStore(_folder.Path);
        Directory.EnumerateFiles(_folder.Combine(".partial")).ShouldBeEmpty();
        (await reopened.GetAsync("kept/object", TestContext.Current.CancellationToken)).ShouldNotBeNull().Dispose();
    }

    [Fact]
    public async Task Folders_go_with_their_last_object()
    {
        await PutAsync("a/b/c/one", "x");
        await PutAsync("a/two", "x");
        await Store.DeleteManyAsync(["a/b/c/one"], TestContext.Current.CancellationToken);
        Directory.Exists(_folder.Combine("a", "b")).ShouldBeFalse();
        (await KeysAsync("a/")).ShouldBe(["a/two"]);
    }

    private sealed class BrokenStream : MemoryStream
    {
        public override Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken) =>
            throw new IOException("The source broke.");
    }
}
