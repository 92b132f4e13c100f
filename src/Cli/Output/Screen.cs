using Spectre.Console;

namespace VmDataset.Cli.Output;

/// <summary>Results go to stdout, everything else to stderr.</summary>
/// <param name="json">Whether results are the API's JSON alone.</param>
internal sealed class Screen(bool json)
{
    private static readonly Lock Writing = new();

    /// <summary>Whether results are the API's JSON alone.</summary>
    public bool IsJson => json;

    /// <summary>Whether a person can be asked.</summary>
    public static bool CanAsk => !Console.IsInputRedirected && !Console.IsErrorRedirected;

    /// <summary>Writes the API's answer: as it is, or in words.</summary>
    public void Result(string answer, Action inWords)
    {
        if (json) Line(answer, clean: false);
        else inWords();
    }

    /// <summary>A line of a result; it may hold text of others.</summary>
    public static void Line(string text) => Line(text, clean: true);

    /// <summary>A message beside the result; it may hold text of others.</summary>
    public static void Say(string message)
    {
        lock (Writing) Console.Error.WriteLine(Text.Clean(message));
    }

    public static void Error(string message) => Say($"error: {message}");

    /// <summary>A terminal for what is drawn in place; null where none is behind the stream, or a dumb one.</summary>
    public static IAnsiConsole? Terminal(bool onStderr)
    {
        if ((onStderr ? Console.IsErrorRedirected : Console.IsOutputRedirected) || Environment.GetEnvironmentVariable("TERM") is "dumb")
            return null;
        return AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(onStderr ? Console.Error : Console.Out) });
    }

    private static void Line(string text, bool clean)
    {
        lock (Writing) Console.Out.WriteLine(clean ? Text.Clean(text) : text);
    }
}
