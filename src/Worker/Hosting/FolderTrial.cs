using VmDataset.Pipeline.Local;
using VmDataset.Worker.Trials;

namespace VmDataset.Worker.Hosting;

/// <summary>Checks every generator of a folder, without a server, a queue or a store.</summary>
internal static class FolderTrial
{
    /// <returns>The generators, in order of name, each with its check.</returns>
    public static async Task<IReadOnlyList<GeneratorInfo>> RunAsync(FolderTrialOptions options, Action<GeneratorTrialResult>? done = null)
    {
        using var scratch = new ScratchFolder(Path.Combine(Path.GetTempPath(), "vm-dataset"));
        var catalog = new GeneratorCatalog([options.Folder], SharedLibrary.OfProgram());
        var worker = options.Worker with { ScratchDir = Path.Combine(scratch.Path, "scratch"), StateDir = Path.Combine(scratch.Path, "state") };
        await using var services = new ServiceCollection()
            .AddLogging(static logging => logging.AddSimpleConsole(static console => console.SingleLine = true)
                .SetMinimumLevel(LogLevel.Error))
            .AddSingleton(TimeProvider.System)
            .AddSingleton<IObjectStore>(new FileSystemObjectStore(Path.Combine(scratch.Path, "store")))
            .AddSingleton(catalog)
            .AddBatchProcessing(_ => worker)
            .BuildServiceProvider();
        await services.GetRequiredService<SandboxCheck>().RunAsync();
        var trial = services.GetRequiredService<GeneratorTrial>();
        ConcurrentDictionary<string, GeneratorTrialResult> checks = new(StringComparer.Ordinal);
        var generators = catalog.List();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Worker.Lanes };
        await Parallel.ForEachAsync(generators, parallel, async (generator, stop) =>
        {
            var check = checks[generator.Name] = await trial.RunAsync(generator, options.Samples, twice: true, generator.Name, stop);
            done?.Invoke(check);
        });
        return [.. generators.Select(generator => generator with { Check = checks[generator.Name] })];
    }

    /// <summary>One generator's result, to be printed while the others run.</summary>
    public static string Line(GeneratorTrialResult check) => $"{(check.Passed ? "passed" : "failed")}  {check.Generator}  {Reason(check)}";

    public static string Table(IReadOnlyList<GeneratorInfo> generators)
    {
        var rows = generators.Select(static generator => (generator, check: generator.Check!)).Select(static row =>
            $"| {Cell(row.generator.Name)} | {(row.check.Passed ? "passed" : "failed")} | {Cell(Reason(row.check))} | {Cell(row.check.Domain)} "
            + $"| {Cell(string.Join(", ", row.check.Files))} | {Cell(row.check.Seconds?.ToString("0.00", CultureInfo.InvariantCulture))} "
            + $"| {row.check.Repeatable switch { true => "yes", false => "no", null => "" }} | {Cell(row.generator.Entry)} | {Cell(string.Join(' ', row.generator.Flags))} |");
        var passed = generators.Count(static generator => generator.Check!.Passed);
        return $"""
            {passed} of {generators.Count} generators are usable.

            | Generator | Verdict | Reason | Domain | Files | Seconds | Twice the same | Script | Flags |
            | --- | --- | --- | --- | --- | --- | --- | --- | --- |
            {string.Join('\n', rows)}

            """;
    }

    private static string? Reason(GeneratorTrialResult check) => check.Kind is { } kind ? $"{Words(kind)}: {check.Message}"
        : check.Varies == false ? "different seeds gave the same sample"
        : check.LackedModules.Count > 0 ? $"without {string.Join(", ", check.LackedModules)}, which it imports where it may do without"
            : null;

    private static string Words(TrialFailure kind) => string.Concat(kind.ToString().Select(static (each, i) =>
        (i > 0 && char.IsUpper(each) ? " " : "") + char.ToLowerInvariant(each)));

    private static string Cell(string? text) => (text ?? "").ReplaceLineEndings(" ").Replace("|", @"\|", StringComparison.Ordinal);
}
