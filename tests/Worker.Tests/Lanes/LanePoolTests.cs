using VmDataset.Pipeline.Generators;
using VmDataset.Worker.Lanes;
using VmDataset.Worker.Options;

namespace VmDataset.Worker.Tests.Lanes;

public class LanePoolTests
{
    [Fact]
    public async Task An_idle_lane_serves_its_generator_again()
    {
        await using var worker = new WorkerHarness();
        var pool = worker.Get<LanePool>();
        var generator = worker.Get<GeneratorCatalog>().Find("ok-generator")!;
        Lane first;
        await using (var loan = await pool.RentAsync(generator)) first = loan.Lane;
        await using (var loan = await pool.RentAsync(generator))
        {
            loan.Lane.ShouldBeSameAs(first);
            pool.Count().ShouldBe((1, 1));
        }

        pool.Count().ShouldBe((0, 1));
        pool.Count().Live.ShouldBe(1);
    }

    [Fact]
    public async Task Lanes_on_loan_have_processors_of_their_own()
    {
        await using var worker = new WorkerHarness(lanes: 2);
        var pool = worker.Get<LanePool>();
        var (one, other) = (worker.Get<GeneratorCatalog>().Find("ok-generator")!, worker.Get<GeneratorCatalog>().Find("raises-generator")!);
        foreach (var generator in new[] { one, other })
            await using (await pool.RentAsync(generator)) { }
        // Both lanes drew on the first processor, one after the other.
        await using var first = await pool.RentAsync(one);
        await using (var second = await pool.RentAsync(other)) (first.Lane.Processor, second.Lane.Processor).ShouldBe((0, 1));
        await using (var third = await pool.RentAsync(one)) third.Lane.Processor.ShouldBe(1);
        // Where it drew last is free: it draws there again.
        await using (var again = await pool.RentAsync(other)) again.Lane.Processor.ShouldBe(1);
    }

    [Fact]
    public async Task A_lane_that_cannot_start_gives_its_processor_back()
    {
        await using var worker = new WorkerHarness(lanes: 1);
        var pool = worker.Get<LanePool>();
        var generator = worker.Get<GeneratorCatalog>().Find("ok-generator")!;
        for (var attempt = 0; attempt < 2; attempt++)
            await Should.ThrowAsync<LaneLostException>(() => pool.RentAsync(generator with { Folder = Path.Combine(worker.Folder, "gone") }));
        await using var loan = await pool.RentAsync(generator);
        loan.Lane.Processor.ShouldBe(0);
    }

    [Fact]
    public async Task An_idle_lane_is_ended_after_a_while()
    {
        await using var worker = new WorkerHarness(laneIdleTimeout: TimeSpan.FromMilliseconds(200));
        var pool = worker.Get<LanePool>();
        await using (await pool.RentAsync(worker.Get<GeneratorCatalog>().Find("ok-generator")!)) pool.Count().Live.ShouldBe(1);
        await Eventually.BeTrueAsync(() => Task.FromResult(pool.Count().Live == 0));
    }

    [Fact]
    public async Task No_more_lanes_live_than_allowed()
    {
        await using var worker = new WorkerHarness();
        var pool = worker.Get<LanePool>();
        var allowed = worker.Get<WorkerOptions>().MaxLiveLanes;
        foreach (var generator in worker.Get<GeneratorCatalog>().List())
        {
            await using var loan = await pool.RentAsync(generator);
            pool.Count().Live.ShouldBeLessThanOrEqualTo(allowed);
        }

        pool.Count().Live.ShouldBe(Math.Min(allowed, worker.Get<GeneratorCatalog>().List().Count));
    }

    [Fact]
    public async Task A_lane_whose_supervisor_was_killed_is_replaced()
    {
        await using var worker = new WorkerHarness(lanes: 1);
        await worker.ProcessAsync(WorkerHarness.Message("ok-generator", 0, 2));
        var host = System.Diagnostics.Process.GetProcessesByName("python3").Where(process => BelongsTo(process.Id, worker.Folder)).ToList();
        // The zygote, the lane's supervisor and its runners; whichever dies first takes the others along.
        host.Count.ShouldBeGreaterThanOrEqualTo(2);
        foreach (var process in host) process.Kill();

        await worker.ProcessAsync(WorkerHarness.Message("ok-generator", 2, 3));
        (await worker.DoneAsync("job", "ok-generator")).SampleCount.ShouldBe(5);
    }

    [Fact]
    public async Task A_generator_that_lacks_a_module_is_known_before_it_is_run()
    {
        await using var worker = new WorkerHarness();
        var folder = Directory.CreateDirectory(Path.Combine(worker.Folder, "generators", "needy", "examples"));
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "generate.py"), """
            import json
            import no_such_module_at_all
            parser.add_argument("--num-samples"); parser.add_argument("--seed"); parser.add_argument("--output")
            """);
        var generator = new GeneratorCatalog(Path.Combine(worker.Folder, "generators")).Find("needy")!;
        (await worker.Get<IGeneratorRuntime>().MissingModulesAsync(generator)).ShouldBe(["no_such_module_at_all"]);
    }

    [Fact]
    public async Task A_lane_that_cannot_start_is_known_at_once()
    {
        await using var worker = new WorkerHarness();
        var gone = worker.Get<GeneratorCatalog>().Find("ok-generator")! with { Folder = Path.Combine(worker.Folder, "gone") };
        var failure = await Should.ThrowAsync<LaneLostException>(() => worker.Get<LanePool>().RentAsync(gone).WaitAsync(TimeSpan.FromSeconds(30)));
        failure.Message.ShouldContain("examples/generate.py");
        worker.Get<LanePool>().Count().Live.ShouldBe(0);
    }

    [Fact]
    public async Task The_runtime_says_what_it_runs_on()
    {
        await using var worker = new WorkerHarness(usualModules: true);
        var status = await worker.Get<IGeneratorRuntime>().GetStatusAsync();
        status.Problem.ShouldBeNull();
        status.Python.ShouldNotBeNull().ShouldContain("3.");
    }

    // A fork has its parent's command line, which names the worker's state folder.
    private static bool BelongsTo(int pid, string folder)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline").Contains(folder, StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
