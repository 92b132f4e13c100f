using System.Diagnostics;
using VmDataset.Pipeline.Generators;
using VmDataset.Pipeline.Jobs;

namespace VmDataset.Worker.Tests.Samples;

public sealed class VirtualClockTests
{
    [Theory]
    [InlineData("time-bound-generator", OutputFormat.Files)]
    [InlineData("time-bound-generator", OutputFormat.WebDataset)]
    [InlineData("clock-metadata-generator", OutputFormat.Files)]
    [InlineData("clock-metadata-generator", OutputFormat.WebDataset)]
    public async Task A_generator_that_reads_the_clock_gives_the_same_bytes_on_a_busy_machine(string generator, OutputFormat format)
    {
        var quiet = await DrawAsync(generator, format);
        using var load = new BusyProcesses(2 * Environment.ProcessorCount);
        (await DrawAsync(generator, format)).ShouldBe(quiet);
        load.AreRunning.ShouldBeTrue();
    }

    [Theory]
    [InlineData("time-bound-generator", true)]
    [InlineData("clock-metadata-generator", true)]
    [InlineData("stateful-metadata-generator", false)]
    // Its metadata differs in processes of their own too.
    [InlineData("machine-clock-generator", true)]
    public async Task A_proof_of_reuse_covers_metadata_that_a_seed_decides(string generator, bool reuse)
    {
        await using var worker = new WorkerHarness();
        await worker.ProcessAsync(WorkerHarness.Message(generator, 0, 2));
        (await worker.DoneAsync("job", generator)).SampleCount.ShouldBe(2);
        await Eventually.GetAsync(async () => await VerdictAsync(worker), text => text == (reuse
            ? """{"reuse":true,"keep":true,"host":5}"""
            : """{"reuse":false,"keep":false,"reason":"samples differ from those drawn in processes of their own","host":5}"""));
    }

    [Fact]
    public async Task A_read_of_the_clock_is_told_without_running_the_generator()
    {
        await using var worker = new WorkerHarness();
        var (runtime, catalog) = (worker.Get<IGeneratorRuntime>(), worker.Get<GeneratorCatalog>());
        (await runtime.ClockReadsAsync(catalog.Find("clock-metadata-generator")!, TestContext.Current.CancellationToken))
            .ShouldBe([new ClockRead { File = "examples/generate.py", Function = "datetime.datetime.now" }]);
        (await runtime.ClockReadsAsync(catalog.Find("time-bound-generator")!, TestContext.Current.CancellationToken))
            .ShouldBe([new ClockRead { File = "examples/generate.py", Function = "time.monotonic" }]);
        (await runtime.ClockReadsAsync(catalog.Find("ok-generator")!, TestContext.Current.CancellationToken)).ShouldBe([]);
    }

    private static async Task<SortedDictionary<string, string>> DrawAsync(string generator, OutputFormat format)
    {
        await using var worker = new WorkerHarness();
        await worker.ProcessAsync(WorkerHarness.Message(generator, 0, 6, format: format));
        (await worker.DoneAsync("job", generator)).SampleCount.ShouldBe(6);
        return await worker.DataAsync("job");
    }

    private static async Task<string?> VerdictAsync(WorkerHarness worker)
    {
        if (await worker.KeysAsync("reuse/") is not [var key]) return null;
        using var found = await worker.Store.GetAsync(key);
        if (found is null) return null;
        using var reader = new StreamReader(found.Content);
        return await reader.ReadToEndAsync();
    }

    private sealed class BusyProcesses : IDisposable
    {
        private readonly List<Process> _processes;

        public BusyProcesses(int count) =>
            _processes = [.. Enumerable.Range(0, count).Select(static _ => Process.Start("/bin/sh", ["-c", "while :; do :; done"]))];

        public bool AreRunning => _processes.TrueForAll(static process => !process.HasExited);

        public void Dispose()
        {
            foreach (var process in _processes)
            {
                process.Kill();
                process.Dispose();
            }
        }
    }
}
