using VmDataset.Pipeline.Generators;
using VmDataset.Pipeline.Settings;
using VmDataset.Worker.Hosting;
using VmDataset.Worker.Lanes;

namespace VmDataset.Worker;

/// <summary>
/// The worker as a process of its own: a Lambda function where Lambda started it, else a poller until it is told to stop.
/// <c>Worker index &lt;folder&gt;</c> prints the index of a generators folder, for a control plane that has no such folder.
/// </summary>
internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        try
        {
            if (args is ["index", var folder]) return await IndexAsync(folder);
            if (args.Length > 0 && !args[0].StartsWith("--", StringComparison.Ordinal))
                throw new StartUpException($"'{string.Join(' ', args)}' is no command; allowed: index <generators folder>, or nothing but settings to work.");
            ForeignCode.Shut();
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
        IReadOnlyList<GeneratorInfo> generators = new GeneratorCatalog(folder).List();
        var discoveries = await ParameterProgram.RunAsync([.. generators.Select(static generator => generator.Folder)], Environment.GetEnvironmentVariable("PYTHON"));
        if (discoveries is null) await Console.Error.WriteLineAsync("There is no Python: the index will not tell the generators' parameters, and jobs that set some will be refused.");
        else generators = [.. generators.Zip(discoveries, static (generator, found) => generator with { Parameters = found })];
        await using var output = Console.OpenStandardOutput();
        await output.WriteAsync(GeneratorIndex.Write(generators));
        return 0;
    }
}
