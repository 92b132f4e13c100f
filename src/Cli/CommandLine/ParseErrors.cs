using System.CommandLine;
using System.CommandLine.Parsing;

namespace VmDataset.Cli.CommandLine;

/// <summary>Says what is wrong with a command line, and what is allowed instead.</summary>
internal static class ParseErrors
{
    public static IReadOnlyList<string> Of(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        if (command.Subcommands.Count > 0 && command.Action is null)
        {
            var verbs = string.Join(", ", command.Subcommands.Where(static verb => !verb.Hidden).Select(static verb => verb.Name));
            return [parsed.UnmatchedTokens is [var word, ..] ? $"'{word}' is no verb; allowed: {verbs}."
                : $"{(command is RootCommand ? "The verb" : $"The verb of {command.Name}")} is missing; allowed: {verbs}."];
        }

        return [.. parsed.UnmatchedTokens.Select(token => Surplus(token, command)),
            .. parsed.Errors.Where(error => !IsSurplus(error, parsed)).Select(static error => Message(error)).Distinct()];
    }

    private static bool IsSurplus(ParseError error, ParseResult parsed) => error.SymbolResult is CommandResult
        && parsed.UnmatchedTokens.Any(token => error.Message.Contains($"'{token}'", StringComparison.Ordinal));

    private static string Surplus(string token, Command command)
    {
        if (token.StartsWith('-') && token.Length > 1)
            return $"'{token}' is not an option; allowed: {string.Join(", ", command.Options.Concat(SharedOptions.All)
                .Where(static option => !option.Hidden).Select(static option => option.Name))}.";
        var arguments = string.Join(" and perhaps ", command.Arguments.Select(static argument => argument.Name));
        return $"'{token}' is too much; allowed: {(arguments.Length == 0 ? "options alone" : arguments)}.";
    }

    private static string Message(ParseError error) => error.SymbolResult switch
    {
        OptionResult { Tokens.Count: 0 } option when option.Option.Arity.MinimumNumberOfValues > 0 => $"{option.Option.Name} needs a value.",
        ArgumentResult { Tokens.Count: 0, Parent: OptionResult option } => $"{option.Option.Name} needs a value.",
        ArgumentResult { Tokens.Count: 0 } argument => Missing(argument.Argument),
        CommandResult command when command.Command.Arguments.FirstOrDefault(each => each.Arity.MinimumNumberOfValues > 0
            && command.GetResult(each) is null or { Tokens.Count: 0 }) is { } missing => Missing(missing),
        _ => error.Message,
    };

    private static string Missing(Argument argument) =>
        $"{argument.Name} is missing; allowed: {char.ToLowerInvariant(argument.Description![0])}{argument.Description[1..]}";
}
