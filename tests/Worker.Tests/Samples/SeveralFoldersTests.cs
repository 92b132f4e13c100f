using VmDataset.Pipeline.Generators;

namespace VmDataset.Worker.Tests.Samples;

public sealed class SeveralFoldersTests : IDisposable
{
    private const string Square = "square-data-generator";

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task The_guides_generator_draws_in_a_folder_of_its_own_beside_those_of_another_folder()
    {
        var script = _folder.Combine("mine", Square, "examples", "generate.py");
        Directory.CreateDirectory(Path.GetDirectoryName(script)!);
        await File.WriteAllTextAsync(script, Guide(), Token);
        await using var worker = new WorkerHarness(generators: string.Join(Path.PathSeparator, _folder.Combine("mine"), WorkerHarness.TestGenerators));
        var (runtime, square) = (worker.Get<IGeneratorRuntime>(), worker.Get<GeneratorCatalog>().Find(Square).ShouldNotBeNull());

        square.Usable.ShouldBeTrue(square.Problem);
        (await runtime.MissingModulesAsync(square, Token)).ShouldBeEmpty();
        (await runtime.ParametersAsync(square, Token)).Schema.ShouldNotBeNull().Names.ShouldBe(["fps", "size"], ignoreOrder: true);
        foreach (var generator in new[] { Square, "ok-generator" })
        {
            await worker.ProcessAsync(WorkerHarness.Message(generator, 0, 1));
            (await worker.DoneAsync("job", generator)).SampleCount.ShouldBe(1, generator);
        }

        Directory.EnumerateFileSystemEntries(_folder.Combine("mine")).Select(Path.GetFileName).ShouldBe([Square]);
    }

    public void Dispose() => _folder.Dispose();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The first Python of the guide that is a whole script.</summary>
    private static string Guide() => File.ReadAllText(Path.Combine(WorkerHarness.Repository, "docs", "write-a-generator.md"))
        .Split("```python\n").Skip(1).Select(static block => block.Split("\n```")[0]).First(static block => block.Contains("import", StringComparison.Ordinal));
}
