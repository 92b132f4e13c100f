using System.CommandLine;
using VmDataset.Cli.Output;

namespace VmDataset.Cli.CommandLine;

/// <summary>Prints docs/cli.md: the help of every verb.</summary>
internal static class ReferenceVerb
{
    private const string Start = """
        # vmds

        The terminal program of the API. `scripts/vmds` runs it as it is built in this tree, and both images have it on the PATH. To have it elsewhere:

        ```sh
        dotnet pack src/Cli -o OUT && dotnet tool install --global --add-source OUT vmds       # a .NET tool; needs the runtime
        dotnet publish src/Cli -c Release -r linux-x64 --self-contained -p:PublishSingleFile=true -o OUT    # OUT/vmds, one file
        ```

        Below is the program's own help, verb by verb. This page is generated: `vmds reference > docs/cli.md`.

        """;

    public static Command Verb()
    {
        var verb = new Command("reference", "Print docs/cli.md.") { Hidden = true };
        verb.SetAction(parsed => Screen.Line(Page(parsed.RootCommandResult.Command)));
        return verb;
    }

    private static string Page(Command root)
    {
        var page = new StringBuilder(Start);
        foreach (var (command, path) in All(root, []))
            page.Append(CultureInfo.InvariantCulture, $"\n## {string.Join(' ', path.Prepend("vmds"))}\n\n```\n{Help(root, path)}\n```\n");
        return page.ToString().TrimEnd();
    }

    private static IEnumerable<(Command Command, string[] Path)> All(Command command, string[] path) => command.Subcommands
        .Where(static verb => !verb.Hidden).SelectMany(verb => All(verb, [.. path, verb.Name]))
        .Prepend((command, path));

    private static string Help(Command root, string[] path)
    {
        using var help = new StringWriter();
        root.Parse([.. path, "--help"]).Invoke(new InvocationConfiguration { Output = help });
        // Its width would be that of the terminal it is written in.
        return string.Join('\n', help.ToString().TrimEnd().Split('\n').Select(static line => line.TrimEnd()));
    }
}
