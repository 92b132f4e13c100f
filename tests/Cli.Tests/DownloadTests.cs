namespace VmDataset.Cli.Tests;

public sealed class DownloadTests(Vmds vmds)
{
    [Fact]
    public async Task A_download_fetches_every_file_goes_on_where_it_stopped_and_mends_what_is_wrong()
    {
        var id = await vmds.JobAsync(samples: 4);
        using var folder = new TemporaryFolder();
        var target = folder.Combine("data");

        var run = (await vmds.RunAsync("download", id, target)).Succeeds();

        run.Out.ShouldContain($"4 samples, 25 files in {target}; every checksum is right.");
        run.Error.ShouldContain("25 files, ");
        var video = Directory.EnumerateFiles(target, "prompt.txt", SearchOption.AllDirectories).First();
        var whole = await File.ReadAllBytesAsync(video);
        await File.WriteAllTextAsync(video, "wrong");
        File.Delete(Path.Combine(target, "README.md"));
        (await vmds.RunAsync("download", id, target, "--parallel", "2")).Succeeds();
        (await File.ReadAllBytesAsync(video)).ShouldBe(whole);
        File.Exists(Path.Combine(target, "README.md")).ShouldBeTrue();
        Directory.Exists(Path.Combine(target, ".parts")).ShouldBeFalse();
    }

    [Fact]
    public async Task Exports_come_with_the_dataset_and_those_that_copy_its_samples_when_they_are_named()
    {
        var id = await vmds.JobAsync(samples: 2, generator: "video-generator");
        foreach (var profile in new[] { "diffsynth", "webdataset" }) (await vmds.RunAsync("export", id, profile, "--wait")).Succeeds();
        using var folder = new TemporaryFolder();
        var (whole, shards) = (folder.Combine("whole"), folder.Combine("shards"));

        (await vmds.RunAsync("download", id, whole)).Succeeds().Error.ShouldNotContain("warning");
        var run = (await vmds.RunAsync("download", id, shards, "--export", "webdataset")).Succeeds();
        var missing = await vmds.RunAsync("download", id, shards, "--export", "mds");

        Directory.GetFileSystemEntries(Path.Combine(whole, "exports")).ShouldBe([Path.Combine(whole, "exports", "diffsynth")]);
        File.Exists(Path.Combine(whole, "exports", "diffsynth", "metadata.jsonl")).ShouldBeTrue();
        run.Out.ShouldContain($"webdataset, 1 file in {shards}; every checksum is right.");
        Directory.GetFiles(shards, "*", SearchOption.AllDirectories).ShouldBe([Path.Combine(shards, "exports", "webdataset", "shard-00000.tar")]);
        missing.Code.ShouldBe(2);
        missing.Error.ShouldContain("error: --export is 'mds'; allowed: diffsynth, webdataset.");
    }

    [Fact]
    public async Task A_folder_that_holds_another_datasets_files_is_warned_of()
    {
        using var folder = new TemporaryFolder();
        var target = folder.Combine("data");
        (await vmds.RunAsync("download", await vmds.JobAsync(samples: 3), target)).Succeeds().Error.ShouldNotContain("warning");

        var second = (await vmds.RunAsync("download", await vmds.JobAsync(samples: 2), target)).Succeeds();

        second.Error.ShouldContain($"warning: 5 other files are in {target}, of another dataset");
    }
}
