using VmDataset.Worker.Lanes;
using VmDataset.Worker.Samples;

namespace VmDataset.Worker.Trials;

/// <summary>Draws samples of a generator, each in a process of its own, to find out whether it can be used.</summary>
public sealed partial class GeneratorTrial(SampleRunner runner, IGeneratorRuntime runtime, TimeProvider time)
{
    public const int Seed = 42;

    private const int TracebackLength = 4_000;
    private const int LogLength = 4_000;

    // A generator may fail at some of its seeds, and a job draws the others.
    private const int Chances = 3;

    /// <summary>Tries until a sample is drawn, a few times where success may depend on the seed. Returns the first failure.</summary>
    public async Task<GeneratorTrialResult> RunAnyAsync(GeneratorInfo generator, string group, CancellationToken cancellationToken)
    {
        GeneratorTrialResult? failed = null;
        for (var seed = Seed; seed < Seed + Chances; seed++)
        {
            var check = await RunAsync(generator, samples: 1, twice: false, group, cancellationToken, seed);
            if (check.Passed || !check.MayDependOnSeed) return check;
            failed ??= check;
        }

        return failed!;
    }

    /// <param name="samples">How many, 1 or more, of ascending seeds; the first failure ends the trial.</param>
    /// <param name="twice">Whether the first is drawn a second time to compare.</param>
    /// <param name="group">Groups share the lanes.</param>
    public async Task<GeneratorTrialResult> RunAsync(
        GeneratorInfo generator, int samples, bool twice, string group, CancellationToken cancellationToken, int firstSeed = Seed)
    {
        var check = new GeneratorTrialResult { Generator = generator.Name, Version = generator.Version, At = time.GetUtcNow() };
        if (generator.ShownProblem is { } problem) return check with { Kind = TrialFailure.Contract, Message = problem };
        try
        {
            var missing = await runtime.MissingModulesAsync(generator, cancellationToken);
            if (missing.Count > 0) return check with { Kind = TrialFailure.MissingModule, Message = MissingModules(missing) };
            check = check with { LackedModules = await runtime.OptionalModulesAsync(generator, cancellationToken) };
            if (generator.Binding is null && (await runtime.ParametersAsync(generator, cancellationToken)).Schema is { } schema
                && schema.Examples() is { } examples)
            {
                generator = generator with { Binding = schema.Bind(examples) };
                check = check with { Parameters = examples };
            }

            return await DrawAsync(generator, check, samples, twice, group, firstSeed, cancellationToken);
        }
        catch (Exception exception) when (exception is LaneLostException or IOException or UnauthorizedAccessException or TimeoutException)
        {
            return check with { Kind = TrialFailure.Circumstances, Message = exception.Message };
        }
    }

    public static string MissingModules(IReadOnlyList<string> modules) =>
        $"It needs the Python module{(modules.Count == 1 ? "" : "s")} {string.Join(", ", modules)}, which this interpreter lacks."
        + (ModulePackages.Of(modules) is { } packages ? $" {packages}" : "");

    private async Task<GeneratorTrialResult> DrawAsync(
        GeneratorInfo generator, GeneratorTrialResult check, int samples, bool twice, string group, int firstSeed,
            CancellationToken cancellationToken)
    {
        Sample? first = null;
        for (var seed = firstSeed; seed < firstSeed + Math.Max(samples, 2); seed++)
        {
            var (sample, failure) = await DrawAsync(seed);
            // It may fail at a seed that is drawn to compare alone, and a job draws the others.
            if (sample is null && seed >= firstSeed + samples) break;
            if (sample is null) return Failed(check, failure!);
            check = first is not null
                ? check with { Varies = check.Varies == true || sample.Record.Fingerprint != first.Record.Fingerprint }
                : check with
                {
                    Seconds = sample.Record.Seconds,
                    Domain = sample.Domain,
                    Files = [.. sample.Record.Files.Select(static file => file.Name)],
                };
            first ??= sample;
        }

        if (!twice) return check;
        var (again, failed) = await DrawAsync(firstSeed);
        return again is null ? Failed(check, failed!) : check with { Repeatable = again.Digest == first!.Digest };

        async Task<(Sample? Sample, SampleFailure? Failure)> DrawAsync(int seed)
        {
            var drawn = await runner.DrawAloneAsync(generator, seed, group, cancellationToken);
            if (drawn.Sample is not null) Scratch.Delete(drawn.Sample.Work);
            return drawn;
        }
    }

    private static GeneratorTrialResult Failed(GeneratorTrialResult check, SampleFailure failure) => check with
    {
        Kind = KindOf(failure),
        Message = MessageOf(failure),
        Traceback = End(failure.Traceback, TracebackLength),
        LogTail = End(failure.LogTail, LogLength),
    };

    private static string MessageOf(SampleFailure failure)
    {
        // A script that ends itself has said why as the last it printed.
        var message = failure.Kind == FailureKind.Exited && LastLine(failure.LogTail) is { } said ? $"{failure.Message} {said}"
            : failure.Message;
        return KindOf(failure) == TrialFailure.MissingModule && ModulePackages.OfError(message) is { } packages
            ? $"{message.TrimEnd('.')}. {packages}" : message;
    }

    private static TrialFailure KindOf(SampleFailure failure) => failure switch
    {
        { Kind: FailureKind.Raised, ExceptionType: "ModuleNotFoundError" or "ImportError" } => TrialFailure.MissingModule,
        { Kind: FailureKind.Exited, LogTail: { } log } when ModuleLacks().IsMatch(log) => TrialFailure.MissingModule,
        { Kind: FailureKind.Raised, ExceptionType: "MemoryError" } => TrialFailure.Circumstances,
        { Kind: FailureKind.Raised, Message: { } message } when MachineLacks().IsMatch(message) => TrialFailure.Circumstances,
        { Kind: FailureKind.Raised } => TrialFailure.Raised,
        { Kind: FailureKind.Exited } => TrialFailure.Exited,
        { Kind: FailureKind.NoOutput } => TrialFailure.NoOutput,
        { Kind: FailureKind.InvalidOutput } => TrialFailure.InvalidOutput,
        { Kind: FailureKind.TimedOut } => TrialFailure.TimedOut,
        { Kind: FailureKind.Killed } => TrialFailure.Killed,
        _ => TrialFailure.Circumstances,
    };

    private static string? LastLine(string? log) => log?.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        .LastOrDefault();

    private static string? End(string? text, int length) => text is null || text.Length <= length ? text : "…" + text[^length..];

    // What Python says of a full disk, and of its lack of memory, processes or file handles.
    [GeneratedRegex(@"\[Errno (?:28|12|11|23|24|122)\]|Insufficient memory", RegexOptions.CultureInvariant)]
    private static partial Regex MachineLacks();

    [GeneratedRegex(@"ModuleNotFoundError: ", RegexOptions.CultureInvariant)]
    private static partial Regex ModuleLacks();
}
