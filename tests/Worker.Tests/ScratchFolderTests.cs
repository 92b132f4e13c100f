using Microsoft.Extensions.DependencyInjection;
using VmDataset.Pipeline.Settings;
using VmDataset.Worker.Hosting;
using VmDataset.Worker.Options;

namespace VmDataset.Worker.Tests;

public sealed class ScratchFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Workers_that_share_a_folder_do_not_meet_and_only_the_dead_are_tidied_up_after()
    {
        Directory.CreateDirectory(_folder.Combine("worker-dead", "scratch"));
        File.WriteAllText(_folder.Combine("worker-dead", "lock"), "");
        Directory.CreateDirectory(_folder.Combine("somebody-else"));
        using var first = new ScratchFolder(_folder.Path);
        File.WriteAllText(Path.Combine(first.Path, "sample"), "");

        using var second = new ScratchFolder(_folder.Path);

        second.Path.ShouldNotBe(first.Path);
        File.Exists(Path.Combine(first.Path, "sample")).ShouldBeTrue();
        Directory.Exists(_folder.Combine("worker-dead")).ShouldBeFalse();
        Directory.Exists(_folder.Combine("somebody-else")).ShouldBeTrue();
    }

    [Fact]
    public async Task Workers_that_start_at_the_same_moment_all_start()
    {
        await Parallel.ForEachAsync(Enumerable.Range(0, 5_000), new ParallelOptions { MaxDegreeOfParallelism = 16 }, (_, _) =>
        {
            using var folder = new ScratchFolder(_folder.Path);
            Directory.Exists(folder.Path).ShouldBeTrue();
            return ValueTask.CompletedTask;
        });
        Directory.EnumerateFileSystemEntries(_folder.Path).ShouldBeEmpty();
    }

    [Fact]
    public void A_worker_started_anew_draws_where_its_predecessor_knows_no_folder()
    {
        var (before, after) = (Start(), Start());
        before.ShouldNotBe(after);
        Directory.Exists(before).ShouldBeFalse();
        Directory.Exists(after).ShouldBeTrue();
        Path.GetDirectoryName(after).ShouldBe(_folder.Combine("scratch"));

        string Start()
        {
            using var services = new ServiceCollection().AddBatchProcessing(_ => new WorkerOptions { ScratchDir = _folder.Combine("scratch"), StateDir = _folder.Combine("state") })
                .BuildServiceProvider();
            return services.GetRequiredService<WorkerOptions>().ScratchDir;
        }
    }

    [Fact]
    public void A_worker_leaves_nothing_behind_when_it_ends()
    {
        using (new ScratchFolder(_folder.Path)) Directory.EnumerateDirectories(_folder.Path).ShouldHaveSingleItem();
        Directory.EnumerateDirectories(_folder.Path).ShouldBeEmpty();
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_told_by_its_setting()
    {
        File.WriteAllText(_folder.Combine("file"), "");
        Should.Throw<StartUpException>(() => new ScratchFolder(_folder.Combine("file"))).Message.ShouldContain("SCRATCH_DIR");
    }
}
