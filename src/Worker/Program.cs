using VmDataset.Pipeline.Generators;
using VmDataset.Pipeline.Settings;
using VmDataset.Worker.Hosting;

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
        await using var output = Console.OpenStandardOutput();
        await output.WriteAsync(GeneratorIndex.Write(new GeneratorCatalog(folder)));
        return 0;
    }
}
