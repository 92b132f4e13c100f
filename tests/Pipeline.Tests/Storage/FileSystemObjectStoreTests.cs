using System.Diagnostics;
using VmDataset.Pipeline.Local;
using VmDataset.Pipeline.Storage;
using VmDataset.Pipeline.Tests.DeadLetters;

namespace VmDataset.Pipeline.Tests.Storage;

public sealed class FileSystemObjectStoreTests : ObjectStoreContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FileSystemObjectStore _store;

    public FileSystemObjectStoreTests() => _store = new FileSystemObjectStore(_folder.Path);

    protected override IObjectStore Store => _store;

    public void Dispose() => _folder.Dispose();

    protected override IObjectStore OutOfReach()
    {
        var store = new FileSystemObjectStore(_folder.Combine("gone"));
        Directory.Delete(_folder.Combine("gone"), recursive: true);
        return store;
    }

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
    public async Task A_path_that_is_no_regular_file_is_no_object_and_keeps_nobody_waiting()
    {
        await PutAsync("keys/one", "x");
        await ShellAsync("mkfifo keys/fifo && mkdir keys/folder && ln -s one keys/link");
        foreach (var key in new[] { "keys/fifo", "keys/folder", "keys/link" })
            (await Task.Run(() => Store.GetAsync(key, TestContext.Current.CancellationToken)).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken)).ShouldBeNull(key);
    }

    [Fact]
    public async Task A_left_over_whose_name_is_no_text_is_in_nobodys_way()
    {
        await ShellAsync(@"touch .partial/$'\xff'");
        try
        {
            var reopened = new FileSystemObjectStore(_folder.Path);
            using var content = new MemoryStream([1]);
            (await reopened.PutAsync("kept/object", content, cancellationToken: TestContext.Current.CancellationToken)).ShouldBeTrue();
        }
        finally
        {
            // .NET cannot name it.
            await ShellAsync("rm -r .partial");
        }
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

    [Fact]
    public async Task A_link_is_no_object_and_leads_nowhere()
    {
        using var elsewhere = new TemporaryFolder();
        await File.WriteAllTextAsync(elsewhere.Combine("secret.txt"), "classified", TestContext.Current.CancellationToken);
        await PutAsync("jobs/a/data/kept.txt", "x");
        File.CreateSymbolicLink(_folder.Combine("jobs", "a", "data", "file.txt"), elsewhere.Combine("secret.txt"));
        Directory.CreateSymbolicLink(_folder.Combine("jobs", "a", "data", "folder"), elsewhere.Path);
        Directory.CreateSymbolicLink(_folder.Combine("jobs", "b"), elsewhere.Path);

        foreach (var key in new[] { "jobs/a/data/file.txt", "jobs/a/data/folder/secret.txt", "jobs/b/secret.txt" })
            (await Store.GetAsync(key, TestContext.Current.CancellationToken)).ShouldBeNull(key);
        List<string> listed = [];
        await foreach (var entry in Store.ListAsync("jobs/", cancellationToken: TestContext.Current.CancellationToken)) listed.Add(entry.Key);
        await foreach (var entry in Store.ListAsync("jobs/b/", cancellationToken: TestContext.Current.CancellationToken)) listed.Add(entry.Key);
        listed.ShouldBe(["jobs/a/data/kept.txt"]);
    }

    [Fact]
    public async Task An_unfinished_file_of_another_process_is_not_removed()
    {
        await File.WriteAllTextAsync(_folder.Combine(".partial", "under-way"), "half", TestContext.Current.CancellationToken);
        _ = new FileSystemObjectStore(_folder.Path, alone: false);
        File.Exists(_folder.Combine(".partial", "under-way")).ShouldBeTrue();
    }

    private async Task ShellAsync(string command)
    {
        using var shell = Process.Start(new ProcessStartInfo("bash", ["-c", command]) { WorkingDirectory = _folder.Path })!;
        await shell.WaitForExitAsync(TestContext.Current.CancellationToken);
        shell.ExitCode.ShouldBe(0);
    }

    private sealed class BrokenStream : MemoryStream
    {
        public override Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken) =>
            throw new IOException("The source broke.");
    }
}
