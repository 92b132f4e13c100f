using VmDataset.Pipeline.Generators;
using VmDataset.Pipeline.Settings;
using VmDataset.Worker.Hosting;
using VmDataset.Worker.Lanes;

namespace VmDataset.Worker;

/// <summary>
/// The worker as a process of its own: a Lambda function where Lambda started it, else a poller until it is told to stop.
/// <c>Worker index &lt;folder&gt;</c> prints the index of a generators folder, for a control plane that has no such folder, and
/// <c>Worker check &lt;folder&gt;</c> a table of which generators of it can be used.
/// </summary>
internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        try
        {
            if (args is ["index", var folder]) return await IndexAsync(folder);
            if (args is ["index", "--check", var tried]) return await CheckedIndexAsync(tried);
            if (args is ["check", var folderToCheck, ..]) return await CheckAsync(FolderTrialOptions.Read(folderToCheck, args[2..]));
            if (args.Length > 0 && !args[0].StartsWith("--", StringComparison.Ordinal))
                throw new StartUpException($"'{string.Join(' ', args)}' is no command; allowed: index [--check] <generators folder>, check <generators folder>, or nothing but settings to work.");
            ProcessHardening.Apply();
            return await WorkerProcess.RunAsync(args);
        }
        catch (StartUpException exception)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return 1;
        }
    }

    private static async Task<int> IndexAsync(string folder)
    {
        if (!Directory.Exists(folder)) throw new StartUpException($"The generators folder is '{folder}', which does not exist.");
        return await PrintAsync(new GeneratorCatalog(folder).List());
    }

    /// <summary>The same, with what became of drawing a sample of each: needs the generators' Python.</summary>
    private static async Task<int> CheckedIndexAsync(string folder)
    {
        ProcessHardening.Apply();
        return await PrintAsync(await FolderTrial.RunAsync(FolderTrialOptions.Read(folder, []), static check => Console.Error.WriteLine(FolderTrial.Line(check))));
    }

    private static async Task<int> PrintAsync(IReadOnlyList<GeneratorInfo> generators)
    {
        var discoveries = await ParameterProgram.RunAsync(generators, Environment.GetEnvironmentVariable("PYTHON"));
        if (discoveries is null) await Console.Error.WriteLineAsync("There is no Python: the index will not tell the generators' parameters, and jobs that set some will be refused.");
        else generators = [.. generators.Zip(discoveries, static (generator, found) => generator with { Parameters = found })];
        await using var output = Console.OpenStandardOutput();
        await output.WriteAsync(GeneratorIndex.Write(generators));
        return 0;
    }

    private static async Task<int> CheckAsync(FolderTrialOptions options)
    {
        ProcessHardening.Apply();
        var generators = await FolderTrial.RunAsync(options, static check => Console.Error.WriteLine(FolderTrial.Line(check)));
        if (options.Output is { } path) await File.WriteAllTextAsync(path, FolderTrial.Table(generators));
        else await Console.Out.WriteAsync(FolderTrial.Table(generators));
        return generators.All(static generator => generator.Check!.Passed) ? 0 : 1;
    }
}
