using System.Net.Sockets;
using VmDataset.Pipeline.Jobs;
using VmDataset.Worker.Files;
using VmDataset.Worker.Samples;

namespace VmDataset.Worker.Tests.Samples;

public sealed class SpecialFileTests : IDisposable
{
    private readonly OutputFolder _output = new();

    public void Dispose() => _output.Dispose();

    [Theory]
    [InlineData("x.txt")]
    [InlineData("metadata.json")]
    [InlineData("prompt.txt")]
    [InlineData("first_frame.png")]
    public void A_fifo_is_not_waited_for(string name)
    {
        File.Delete(_output.PathOf(name));
        OutputFolder.Run("mkfifo", _output.PathOf(name)).ShouldBeTrue();
        _output.ShouldBeInvalid($"{name}: it is a FIFO; allowed: regular files of one name.");
    }

    [Fact]
    public void A_socket_is_refused()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        using (var folder = DirectoryHandle.Open(_output.Sample))
            socket.Bind(new UnixDomainSocketEndPoint($"/proc/self/fd/{folder.Handle.DangerousGetHandle()}/x"));
        _output.ShouldBeInvalid("x: it is a socket; allowed: regular files of one name.");
    }

    [Fact]
    public void A_device_is_refused()
    {
        Assert.SkipUnless(OutputFolder.Run("mknod", _output.PathOf("zero.bin"), "c", "1", "5"), "To make a device needs CAP_MKNOD.");
        _output.ShouldBeInvalid("zero.bin: it is a device; allowed: regular files of one name.");
    }

    [Fact]
    public void A_hard_link_is_refused()
    {
        File.WriteAllText(_output.Beside("secret.txt"), "hidden");
        OutputFolder.Run("ln", _output.Beside("secret.txt"), _output.PathOf("notes.txt")).ShouldBeTrue();
        _output.ShouldBeInvalid("notes.txt: it has 2 names (hard links); allowed: regular files of one name.");
    }

    [Theory]
    [InlineData("work/out/chess_task/chess_0000", "chess_task/chess_0000: it is a link; allowed: folders.")]
    [InlineData("work/out/chess_task", "chess_task: it is a link; allowed: folders.")]
    [InlineData("work/out", "The output: it could not be read")]
    [InlineData("work", "The output: it could not be read")]
    [InlineData("work/out/chess_task/chess_0000/frames", "frames: it is a link; allowed: regular files of one name.")]
    public void No_folder_may_be_a_link(string path, string message)
    {
        var elsewhere = _output.Beside("elsewhere");
        if (Directory.Exists(_output.Beside(path))) Directory.Move(_output.Beside(path), elsewhere);
        Directory.CreateSymbolicLink(_output.Beside(path), elsewhere);
        _output.ShouldBeInvalid(message);
        File.Delete(_output.Beside(path));
    }

    [Fact]
    public void Links_and_other_files_beside_the_sample_are_not_looked_at()
    {
        OutputFolder.Run("mkfifo", Path.Combine(_output.Work, "out", "log")).ShouldBeTrue();
        Directory.CreateSymbolicLink(Path.Combine(_output.Work, "out", "latest"), "/");
        OutputFolder.Run("mkfifo", Path.Combine(_output.Work, "out", "chess_task", "pipe")).ShouldBeTrue();
        _output.Read().Record.Files.Count.ShouldBe(3);
    }

    [Theory]
    [InlineData("notes.txt")]
    [InlineData("extra")]
    public async Task A_path_that_the_worker_may_not_read_is_named(string name)
    {
        Directory.CreateDirectory(_output.PathOf("extra"));
        await File.WriteAllTextAsync(_output.PathOf("notes.txt"), "notes", TestContext.Current.CancellationToken);
        OutputFolder.Run("chmod", "-R", "a+rwX", _output.Beside(".")).ShouldBeTrue();
        OutputFolder.Run("chmod", "000", _output.PathOf(name)).ShouldBeTrue();
        await OtherUser.RunAsync(() => _output.ShouldBeInvalid($"{name}: it could not be read: Permission denied."));
    }

    [Fact]
    public void A_file_that_is_replaced_after_it_was_read_is_not_published()
    {
        var sample = _output.Read();
        foreach (var file in sample.Record.Files) sample.Open(file).Dispose();
        var picture = sample.Record.Files.Single(static file => file.Name == "first_frame.png");
        File.WriteAllText(_output.Beside("other.png"), "another file");
        File.Move(_output.Beside("other.png"), _output.PathOf("first_frame.png"), overwrite: true);
        Should.Throw<InvalidSampleException>(() => sample.Open(picture)).Message.ShouldBe(
            "first_frame.png: it was changed after the sample was drawn; allowed: files that no process writes to any more.");
        File.Delete(_output.PathOf("first_frame.png"));
        Should.Throw<InvalidSampleException>(() => sample.Open(picture)).Message.ShouldStartWith("first_frame.png: it could not be read");
        Directory.Move(_output.Sample, _output.Beside("moved"));
        Directory.CreateSymbolicLink(_output.Sample, _output.Beside("moved"));
        var failure = Should.Throw<InvalidSampleException>(() => sample.Open(sample.Record.Files[^1]));
        // Nothing in its folder can be; the first of its files is named.
        (failure.Kind, failure.Message.StartsWith($"{sample.Record.Files[0].Name}: it could not be read", StringComparison.Ordinal)).ShouldBe((FailureKind.InvalidOutput, true));
    }
}
