using VmDataset.Worker.Files;

namespace VmDataset.Worker.Tests.Samples;

public sealed class ScratchTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_folder_of_any_depth_is_deleted()
    {
        Scratch.Delete(MakeDeep()).ShouldBeTrue();
        Directory.EnumerateFileSystemEntries(_folder.Path).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_deletion_that_takes_long_keeps_nobody_waiting_and_completes()
    {
        var deep = MakeDeep();
        Scratch.DeleteSoon(deep);
        Directory.Exists(deep).ShouldBeFalse();
        await Eventually.BeTrueAsync(() => Task.FromResult(!Directory.EnumerateFileSystemEntries(_folder.Path).Any()), TimeSpan.FromMinutes(3));
    }

    private string MakeDeep()
    {
        // Deeper than any path is long: each folder is put into the next.
        var inner = Directory.CreateDirectory(_folder.Combine("0")).FullName;
        for (var level = 1; level <= 5_000; level++)
        {
            var outer = Directory.CreateDirectory(_folder.Combine($"{level}")).FullName;
            Directory.Move(inner, Path.Combine(outer, "d"));
            inner = outer;
        }

        Directory.Move(inner, _folder.Combine("deep"));
        return _folder.Combine("deep");
    }

    [Fact]
    public void A_folder_of_any_width_is_deleted()
    {
        for (var folder = 0; folder < 50; folder++)
        {
            Directory.CreateDirectory(_folder.Combine("wide", $"{folder}", "inner"));
            for (var file = 0; file < 50; file++) File.WriteAllText(_folder.Combine("wide", $"{folder}", "inner", $"{file}"), "");
        }

        Directory.CreateDirectory(_folder.Combine("wide", ".removed-0"));
        Scratch.Delete(_folder.Combine("wide") + "/").ShouldBeTrue();
        Directory.EnumerateFileSystemEntries(_folder.Path).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_folder_without_permissions_is_deleted()
    {
        Directory.CreateDirectory(_folder.Combine("open"));
        OutputFolder.Run("chmod", "a+rwx", _folder.Path, _folder.Combine("open")).ShouldBeTrue();
        await OtherUser.RunAsync(() =>
        {
            Directory.CreateDirectory(_folder.Combine("open", "shut", "inner", "file"));
            File.WriteAllText(_folder.Combine("open", "shut", "inner", "file", "x"), "");
            foreach (var part in new[] { "shut/inner/file", "shut/inner", "shut" }) OutputFolder.Run("chmod", "000", _folder.Combine("open", part)).ShouldBeTrue();
            Scratch.Delete(_folder.Combine("open", "shut")).ShouldBeTrue();
        });
        Directory.EnumerateFileSystemEntries(_folder.Combine("open")).ShouldBeEmpty();
    }

    [Fact]
    public void A_link_goes_and_what_it_leads_to_stays()
    {
        Directory.CreateDirectory(_folder.Combine("foreign"));
        File.WriteAllText(_folder.Combine("foreign", "mine.txt"), "");
        Directory.CreateSymbolicLink(_folder.Combine("link"), _folder.Combine("foreign"));
        Directory.CreateDirectory(_folder.Combine("draw", "out"));
        Directory.CreateSymbolicLink(_folder.Combine("draw", "link"), _folder.Combine("foreign"));
        Directory.CreateSymbolicLink(_folder.Combine("draw", "out", "link"), _folder.Combine("foreign"));
        Scratch.Delete(_folder.Combine("link")).ShouldBeTrue();
        Scratch.Delete(_folder.Combine("draw")).ShouldBeTrue();
        Directory.EnumerateFileSystemEntries(_folder.Path).ShouldBe([_folder.Combine("foreign")]);
        File.Exists(_folder.Combine("foreign", "mine.txt")).ShouldBeTrue();
    }

    [Fact]
    public void A_missing_folder_is_no_error()
    {
        Scratch.Delete(_folder.Combine("none")).ShouldBeTrue();
        Scratch.Delete(_folder.Combine("none", "inner")).ShouldBeTrue();
    }
}
