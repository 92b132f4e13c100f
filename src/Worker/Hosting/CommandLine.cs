using System.CommandLine;
using System.CommandLine.Invocation;

namespace VmDataset.Worker.Hosting;

/// <summary>The command line of the programs: verbs with their arguments. Settings, such as <c>--Lanes 4</c>, are left to the
/// configuration.</summary>
public static class CommandLine
{
    private static readonly ParserConfiguration Parsing = new() { ResponseFileTokenReplacer = null };

    // The host ends the process at SIGTERM, within a bound of its own.
    private static readonly InvocationConfiguration Invocation =
        new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };

    /// <param name="description">What the program does without a verb.</param>
    /// <param name="run">Does that, with the settings that were given.</param>
    /// <param name="verbs">What else it does.</param>
    public static RootCommand Program(string description, Func<string[], Task<int>> run, params IEnumerable<Command> verbs)
    {
        var program = new RootCommand(
            $"{description} Settings are environment variables, such as LANES=4, or arguments, such as --Lanes 4; docs/configuration.md lists them.")
        {
            TreatUnmatchedTokensAsErrors = false,
        };
        foreach (var verb in verbs) program.Subcommands.Add(verb);
        program.SetAction((parsed, _) => parsed.UnmatchedTokens is [var first, ..] && !IsSetting(first)
            ? throw new StartUpException($"'{first}' is no command; allowed: {Usage(program)}, or nothing but settings.")
            : run([.. parsed.UnmatchedTokens]));
        return program;
    }

    /// <summary>Runs the verb that the arguments name, or prints the help or the version that they ask for.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="StartUpException">The arguments are wrong.</exception>
    public static Task<int> InvokeAsync(this RootCommand program, string[] args)
    {
        var parsed = program.Parse(args, Parsing);
        // The library reports these only where the program itself takes none.
        var surplus = parsed.CommandResult.Command.TreatUnmatchedTokensAsErrors ? parsed.UnmatchedTokens : [];
        if (parsed.Action is not ParseErrorAction && surplus.Count == 0) return parsed.InvokeAsync(Invocation);
        var errors = parsed.Errors.Select(static error => error.Message)
            .Concat(surplus.Select(static token => $"'{token}' is one argument too many."));
        throw new StartUpException($"{string.Join(' ', errors)} Allowed: {Usage(program)}, or nothing but settings.");
    }

    private static string Usage(RootCommand program) => string.Join(", ", program.Subcommands.Select(static verb => string.Join(' ',
        [verb.Name, .. verb.Options.Select(static option => $"[{option.Name}]"),
            .. verb.Arguments.Select(static argument => $"<{argument.Name}>")])));

    private static bool IsSetting(string token) => token.StartsWith('-') || token.StartsWith('/')
        || token.Contains('=', StringComparison.Ordinal);
}
