using System.CommandLine;

namespace VmDataset.Cli.CommandLine;

/// <summary>Makes verbs, and the arguments and options that several of them have.</summary>
internal static class Verbs
{
    public static Command Create(string name, string description, IEnumerable<Symbol> symbols, Func<Session, Task<ExitCode>> run)
    {
        var verb = new Command(name, description);
        foreach (var symbol in symbols)
        {
            if (symbol is Argument argument) verb.Add(argument);
            else verb.Add((Option)symbol);
        }

        verb.SetAction(async (parsed, cancellation) =>
        {
            using var session = Session.Open(parsed, cancellation);
            return (int)await run(session);
        });
        return verb;
    }

    public static Argument<string> Job()
    {
        var job = new Argument<string>("JOB") { Description = "The job's id." };
        job.Validators.Add(static result =>
        {
            if (!Values.IsJobId(result.GetValueOrDefault<string>()))
                result.AddError($"JOB is '{result.Tokens[0].Value}'; allowed: a job's id, such as 20261123-130501-9f3c2a7b.");
        });
        return job;
    }

    public static Option<int?> Number(string name, string description, int least, int most = 999_999_999) =>
        new(name)
        {
            Description = description,
            HelpName = "N",
            CustomParser = result => Values.Number(result, name, least, most),
        };

    public static Option<string?> Text(string name, string description, string help) =>
        new(name) { Description = description, HelpName = help };

    /// <summary>An option that may be repeated, with one value each time.</summary>
    public static Option<string[]> Texts(string name, string description, string help) => new(name)
    {
        Description = description,
        HelpName = help,
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };

    public static Option<string?> Word(string name, string description, params string[] words)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = string.Join('|', words) };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var given }] && !words.Contains(given, StringComparer.Ordinal))
                result.AddError($"{name} is '{given}'; allowed: {string.Join(", ", words)}.");
        });
        option.CompletionSources.Add(words);
        return option;
    }

    /// <summary>A page of a list.</summary>
    public static (Option<int?> Limit, Option<string?> Cursor) Page() => (Number("--limit", "Length of the page.", 1, 100),
        Text("--cursor", "Begin where an earlier page ended: its next_cursor.", "CURSOR"));
}
