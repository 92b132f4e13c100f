using System.CommandLine;
using VmDataset.Worker.Hosting;
using VmDataset.Worker.Lanes;

namespace VmDataset.Worker;

/// <summary>The worker as a process: a Lambda function where Lambda started it, else a poller that runs until it is stopped.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        try
        {
            return await CommandLine.Program("Draws samples for the messages of a queue.", WorkAsync, Index(), Check()).InvokeAsync(args);
        }
        catch (StartUpException exception)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return 1;
        }
    }

    private static Task<int> WorkAsync(string[] settings)
    {
        ProcessHardening.Apply();
        return WorkerProcess.RunAsync(settings);
    }

    private static Command Index()
    {
        var folder = new Argument<string>("folder") { Description = "The generators folder." };
        var check = new Option<bool>("--check")
        {
            Description = "Draw a sample of each generator too, and add the results. Needs the generators' Python."
        };
        var index = new Command("index", "Print the index of a generators folder, for a control plane that has no such folder.") { folder,
            check };
        index.SetAction((parsed, _) => parsed.GetValue(check) ? CheckedIndexAsync(parsed.GetRequiredValue(folder))
            : IndexAsync(parsed.GetRequiredValue(folder)));
        return index;
    }

    private static Command Check()
    {
        var folder = new Argument<string>("folder") { Description = "The generators folder." };
        var check = new Command("check",
            "Print a table of the generators of a folder: which can be used, and why not. Also takes --samples N (of each generator, 1 to 1,000), --jobs N (generators at a time, 1 to 256), --output FILE and the worker's settings.")
        {
            folder,
        };
        check.TreatUnmatchedTokensAsErrors = false;
        check.SetAction((parsed, _) => CheckAsync(FolderTrialOptions.Read(parsed.GetRequiredValue(folder), [.. parsed.UnmatchedTokens])));
        return check;
    }

    private static async Task<int> IndexAsync(string folder)
    {
        if (!Directory.Exists(folder)) throw new StartUpException($"The generators folder is '{folder}', which does not exist.");
        return await PrintAsync(new GeneratorCatalog([folder], SharedLibrary.OfProgram()).List());
    }

    private static async Task<int> CheckedIndexAsync(string folder)
    {
        ProcessHardening.Apply();
        return await PrintAsync(await FolderTrial.RunAsync(
            FolderTrialOptions.Read(folder, []), static check => Console.Error.WriteLine(FolderTrial.Line(check))));
    }

    private static async Task<int> PrintAsync(IReadOnlyList<GeneratorInfo> generators)
    {
        var read = await ParameterProgram.RunAsync(generators, Environment.GetEnvironmentVariable("PYTHON"));
        if (read is null) await Console.Error.WriteLineAsync(
            "There is no Python: the index will lack the generators' parameters, and jobs that set some will be refused.");
        await using var output = Console.OpenStandardOutput();
        await output.WriteAsync(GeneratorIndex.Write(read ?? generators));
        return 0;
    }

    private static async Task<int> CheckAsync(FolderTrialOptions options)
    {
        ProcessHardening.Apply();
        // Before the work, which would be lost.
        if (options.Output is { } file) Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        var generators = await FolderTrial.RunAsync(options, static check => Console.Error.WriteLine(FolderTrial.Line(check)));
        if (options.Output is { } path) await File.WriteAllTextAsync(path, FolderTrial.Table(generators));
        else await Console.Out.WriteAsync(FolderTrial.Table(generators));
        return generators.All(static generator => generator.Check!.Passed) ? 0 : 1;
    }
}
