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
}
