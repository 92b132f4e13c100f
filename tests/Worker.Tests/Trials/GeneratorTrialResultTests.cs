using Microsoft.Extensions.Hosting;
using VmDataset.Pipeline.Generators;
using VmDataset.Pipeline.Records;
using VmDataset.Worker.Hosting;
using VmDataset.Worker.Lanes;
using VmDataset.Worker.Trials;

namespace VmDataset.Worker.Tests.Trials;

public sealed class GeneratorCheckTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();

    public GeneratorCheckTests() => Copy("_shared");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Each_generator_is_tried_and_the_reasons_are_its_own()
    {
        foreach (var name in new[] { "ok", "demanding", "raises", "exits", "no-output", "several-tasks", "other-script", "endless", "clock-metadata", "machine-clock" }) Copy($"{name}-generator");
        Write("lacks-generator", "import module_that_nobody_has\n" + Flags);
        Write("late-generator", Flags + "def draw():\n    import module_that_nobody_has\ndraw()\n");
        Write("deaf-generator", "print('--num-samples')\n");
        Write("same-generator", await SeededAsync("'7'"));
        Write("full-generator", "import errno\n" + Flags + "raise OSError(errno.ENOSPC, 'No space left on device')\n");

        var options = new FolderTrialOptions { Folder = _folder.Path, Samples = 4 };
        options = options with { Worker = options.Worker with { Lanes = 2, SampleTimeout = TimeSpan.FromSeconds(2) } };
        var generators = await FolderTrial.RunAsync(options);
        var checks = generators.ToDictionary(static generator => generator.Name, static generator => generator.Check!);

        checks["ok-generator"].ShouldSatisfyAllConditions(
            static check => check.Passed.ShouldBeTrue(),
            static check => check.Domain.ShouldBe("ok"),
            static check => check.Repeatable.ShouldBe(true),
            static check => check.Files.ShouldContain("first_frame.png"));
        (checks["ok-generator"].Varies, checks["same-generator"].Varies, checks["raises-generator"].Varies).ShouldBe((true, false, null));
        FolderTrial.Line(checks["same-generator"]).ShouldBe("passed  same-generator  different seeds gave the same sample");
        checks["clock-metadata-generator"].Repeatable.ShouldBe(true);
        checks["machine-clock-generator"].Repeatable.ShouldBe(false);
        generators.Single(static generator => generator.Name == "other-script-generator").Entry.ShouldBe("scripts/make_samples.py");
        checks["other-script-generator"].Domain.ShouldBe("other_script");
        checks["several-tasks-generator"].Domain.ShouldBe("even");
        (checks["demanding-generator"].Passed, checks["demanding-generator"].Parameters!.Json).ShouldBe((true, """{"task":"1"}"""));
        checks.Where(static check => check.Value.Kind is not null).Select(static check => (check.Key, check.Value.Kind, check.Value.Condemns)).ShouldBe(
        [
            ("deaf-generator", TrialFailure.Contract, true),
            ("endless-generator", TrialFailure.TimedOut, false),
            ("exits-generator", TrialFailure.Exited, true),
            ("full-generator", TrialFailure.Circumstances, false),
            ("lacks-generator", TrialFailure.MissingModule, true),
            ("late-generator", TrialFailure.MissingModule, true),
            ("no-output-generator", TrialFailure.NoOutput, true),
            ("raises-generator", TrialFailure.Raised, true),
        ], ignoreOrder: true);
        FolderTrial.Table(generators).ShouldContain("| late-generator | failed | missing module: ModuleNotFoundError: No module named 'module_that_nobody_has' |");
    }

    [Fact]
    public void A_missing_module_is_named_with_its_packages()
    {
        GeneratorTrial.MissingModules(["cv2"]).ShouldBe(
            "It needs the Python module cv2, which this interpreter lacks. Package: cv2 is python3-opencv in Debian and opencv-python-headless in pip.");
        GeneratorTrial.MissingModules(["PIL", "nobodys", "chess", "skimage.metrics", "tkinter"]).ShouldEndWith(
            "lacks. Packages: PIL is python3-pil in Debian and Pillow in pip; chess is chess in pip; skimage is python3-skimage in Debian and scikit-image in pip; tkinter is python3-tk in Debian.");
        GeneratorTrial.MissingModules(["nobodys"]).ShouldBe("It needs the Python module nobodys, which this interpreter lacks.");
    }

    [Theory]
    [InlineData("raise ModuleNotFoundError(\"No module named 'yaml'\", name='yaml')\n", "ModuleNotFoundError: No module named 'yaml'. Package: yaml is python3-yaml in Debian and PyYAML in pip.")]
    [InlineData("import sys\nsys.exit(\"ModuleNotFoundError: No module named 'sklearn.svm'\")\n", "The generator exited with code 1. ModuleNotFoundError: No module named 'sklearn.svm'. Package: sklearn is python3-sklearn in Debian and scikit-learn in pip.")]
    public async Task A_module_that_is_missed_late_is_told_with_its_packages(string end, string message)
    {
        Write("late-generator", Flags + end);
        await using var worker = new WorkerHarness(generators: _folder.Path);
        var check = await worker.Get<GeneratorTrial>().RunAnyAsync(worker.Get<GeneratorCatalog>().Find("late-generator")!, "checks", Token);

        (check.Kind, check.Message).ShouldBe((TrialFailure.MissingModule, message));
    }

    [Fact]
    public async Task An_idle_worker_tries_each_version_once_and_again_what_may_have_passed()
    {
        Copy("ok-generator");
        Write("lacks-generator", "import module_that_nobody_has\n" + Flags);
        await using var worker = new WorkerHarness(generators: _folder.Path);
        var checker = worker.Get<IEnumerable<IHostedService>>().OfType<GeneratorTrialRunner>().Single();
        var catalog = worker.Get<GeneratorCatalog>();
        var store = worker.Get<TrialResultStore>();

        await checker.RunDueAsync(Token);
        var (ok, lacks) = ((await store.FindAsync(catalog.Find("ok-generator")!, Token))!, (await store.FindAsync(catalog.Find("lacks-generator")!, Token))!);
        (ok.Passed, ok.Domain, lacks.Kind, lacks.Tries).ShouldBe((true, "ok", TrialFailure.MissingModule, 1));

        // Its time has come, and the module is there now.
        Write("lacks-generator", "", "examples/module_that_nobody_has.py");
        var mended = catalog.Find("lacks-generator")!;
        await store.WriteAsync(lacks with { Version = mended.Version, At = DateTimeOffset.UtcNow.AddHours(-1) }, Token);
        await Eventually.BeTrueAsync(async () =>
        {
            await checker.RunDueAsync(Token);
            return (await store.FindAsync(mended, Token))!.Kind == TrialFailure.NoOutput;
        });
        (await store.FindAsync(catalog.Find("ok-generator")!, Token))!.At.ShouldBe(ok.At);
        (await worker.KeysAsync(ObjectKeys.CheckPrefix)).Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_generator_with_one_unlucky_seed_is_taken_and_told_what_it_lacks()
    {
        var works = await File.ReadAllTextAsync(Path.Combine(WorkerHarness.TestGenerators, "ok-generator", "examples", "generate.py"), Token);
        Write("unlucky-generator", "import sys\nif sys.argv[sys.argv.index('--seed') + 1] == '42': raise ValueError('unlucky')\n" + works);
        Write("simpler-generator", "try:\n    import module_that_nobody_has\nexcept ImportError:\n    pass\n" + works);
        Write("broken-generator", Flags + "raise ValueError(parser.parse_args().seed)\n");
        Write("same-generator", await SeededAsync("'7'"));
        Write("unlucky-later-generator", "import sys\nif sys.argv[sys.argv.index('--seed') + 1] == '43': raise ValueError('unlucky')\n" + works);
        await using var worker = new WorkerHarness(generators: _folder.Path);
        var (catalog, store) = (worker.Get<GeneratorCatalog>(), worker.Get<TrialResultStore>());
        await worker.Get<IEnumerable<IHostedService>>().OfType<GeneratorTrialRunner>().Single().RunDueAsync(Token);

        (await store.FindAsync(catalog.Find("unlucky-generator")!, Token))!.Passed.ShouldBeTrue();
        (await VariesAsync("simpler-generator"), await VariesAsync("same-generator")).ShouldBe((true, false));
        // The second seed is for comparison alone.
        (await store.FindAsync(catalog.Find("unlucky-later-generator")!, Token))!.Passed.ShouldBeTrue();
        (await VariesAsync("unlucky-later-generator")).ShouldBeNull();
        var simpler = (await store.FindAsync(catalog.Find("simpler-generator")!, Token))!;
        (simpler.Passed, string.Join(' ', simpler.LackedModules)).ShouldBe((true, "module_that_nobody_has"));
        var broken = (await store.FindAsync(catalog.Find("broken-generator")!, Token))!;
        (broken.Kind, broken.Message, broken.RetryAt).ShouldBe((TrialFailure.Raised, "ValueError: 42", broken.At.AddHours(1)));

        async Task<bool?> VariesAsync(string name) => (await store.FindAsync(catalog.Find(name)!, Token))!.Varies;
    }

    [Fact]
    public async Task A_generator_with_required_flags_is_tried_with_their_first_choices()
    {
        var task = Flags.Replace("parser.parse_args()", "parser.add_argument('--task', choices=['sort', 'count'], required=True)\n", StringComparison.Ordinal);
        var works = await File.ReadAllTextAsync(Path.Combine(WorkerHarness.TestGenerators, "demanding-generator", "examples", "generate.py"), Token);
        Write("choosy-generator", works.Replace("\"--task\",", "\"--task\", choices=['sort', 'count'],", StringComparison.Ordinal));
        Write("picky-generator", task + "raise KeyError(parser.parse_args().task)\n");
        await using var worker = new WorkerHarness(generators: _folder.Path);
        var (catalog, trial) = (worker.Get<GeneratorCatalog>(), worker.Get<GeneratorTrial>());

        var choosy = await trial.RunAnyAsync(catalog.Find("choosy-generator")!, "checks", Token);
        (choosy.Passed, choosy.Message, choosy.Parameters!.Json).ShouldBe((true, null, """{"task":"sort"}"""));
        // Another of its choices may do.
        var picky = await trial.RunAnyAsync(catalog.Find("picky-generator")!, "checks", Token);
        (picky.Kind, picky.Message, picky.Condemns).ShouldBe((TrialFailure.Raised, "KeyError: 'sort'", false));
    }

    [Fact]
    public async Task A_job_that_wants_the_lane_goes_first()
    {
        Copy("endless-generator");
        Copy("ok-generator");
        await using var worker = new WorkerHarness(lanes: 1, generators: _folder.Path, sampleTimeout: TimeSpan.FromMinutes(10));
        var checker = worker.Get<IEnumerable<IHostedService>>().OfType<GeneratorTrialRunner>().Single();
        var (catalog, lanes) = (worker.Get<GeneratorCatalog>(), worker.Get<LanePool>());
        await worker.Get<TrialResultStore>().WriteAsync(new GeneratorTrialResult { Generator = "ok-generator", Version = catalog.Find("ok-generator")!.Version, At = DateTimeOffset.UtcNow }, Token);
        Write("endless-generator", Flags + "import time\nwhile True: time.sleep(1)\n");

        var pass = checker.RunDueAsync(Token);
        await Eventually.BeTrueAsync(() => Task.FromResult(lanes.Count().Busy == 1));
        await using (await lanes.RentAsync(catalog.Find("ok-generator")!, "job", Token)) await pass;

        (await worker.Get<TrialResultStore>().FindAsync(catalog.Find("endless-generator")!, Token)).ShouldBeNull();
    }

    // One that works, with its seed replaced by an expression.
    private static async Task<string> SeededAsync(string seed) => $"import sys\nat = sys.argv.index('--seed') + 1\nsys.argv[at] = {seed}\n"
        + await File.ReadAllTextAsync(Path.Combine(WorkerHarness.TestGenerators, "ok-generator", "examples", "generate.py"), Token);

    private const string Flags = """
        import argparse
        parser = argparse.ArgumentParser()
        parser.add_argument("--num-samples", type=int)
        parser.add_argument("--seed", type=int)
        parser.add_argument("--output")
        parser.parse_args()

        """;

    private void Copy(string name)
    {
        var source = Path.Combine(WorkerHarness.TestGenerators, name);
        foreach (var file in Directory.EnumerateFiles(source, "*.py", SearchOption.AllDirectories))
        {
            var goal = Path.Combine(_folder.Path, name, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(goal)!);
            File.Copy(file, goal);
        }
    }

    private void Write(string name, string source, string path = "examples/generate.py")
    {
        var goal = Path.Combine(_folder.Path, name, path);
        Directory.CreateDirectory(Path.GetDirectoryName(goal)!);
        File.WriteAllText(goal, source);
    }
}
