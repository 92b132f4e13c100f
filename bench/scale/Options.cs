using System.Globalization;
using VmDataset.Bench.Scale.Jobs;

namespace VmDataset.Bench.Scale;

/// <summary>What the command line asks for.</summary>
internal sealed record Options(string Command, IReadOnlyDictionary<string, string> Values)
{
    private const string Usage = """
        Measures the API and the writing of datasets on fabricated jobs of 2 million samples.

        dotnet run -c Release --project bench/scale -- api|dataset|aws [options]
          api       starts the API on a store that holds three jobs: finished, failed and running; asks it for all that is bounded
          aws       serves S3 and SQS in memory for other measurements until its input ends; prints the variables that a program needs
          dataset   starts the API and functions of the worker on a store that holds a finished job; waits for its dataset
          --store NAME        s3, in memory, or local, a data folder; dataset knows s3 alone (default s3)
          --folder PATH       where the data folder, large objects and logs lie (default: the system's temporary folder)
          --generators N      generators of each job (default 200)
          --samples N         samples of each generator (default 10000)
          --batch N           samples of each batch (default 10)
          --failing N         samples of the failed job that failed for good (default 5000)
          --latency N         milliseconds that S3 and SQS take for an answer (default 15)
          --pollers N         clients that ask for the running job once a second (default 50)
          --seconds N         how long they do so (default 30)
          --idle N            seconds without a request after that, behind a minute of rest (default 0)
          --arrivals N        batches of the running job that are finished each second meanwhile (default 100)
          --functions N       functions of the worker at once (default 2)
          --server PATH       a folder with the published API, which starts with the image's settings (default: as run.sh builds and starts it)
          --keep PATH         where the dataset's folder is copied to (default: nowhere)
        """;

    private static readonly Dictionary<string, string> Defaults = new()
    {
        ["--store"] = "s3",
        ["--folder"] = Path.GetTempPath(),
        ["--generators"] = "200",
        ["--samples"] = "10000",
        ["--batch"] = "10",
        ["--failing"] = "5000",
        ["--latency"] = "15",
        ["--pollers"] = "50",
        ["--seconds"] = "30",
        ["--arrivals"] = "100",
        ["--idle"] = "0",
        ["--functions"] = "2",
        ["--keep"] = "",
        ["--server"] = "",
    };

    public string Folder => Values["--folder"];

    /// <summary>The folder of a published API; empty means the one that is built beside this program.</summary>
    public string Server => Values["--server"];

    public bool IsLocal => Values["--store"] == "local";

    public TimeSpan Latency => TimeSpan.FromMilliseconds(Number("--latency"));

    public Sizes Sizes => new(Number("--generators"), Number("--samples"), Number("--batch"), Number("--failing"));

    public int Number(string name) => int.Parse(Values[name], NumberStyles.None, CultureInfo.InvariantCulture);

    /// <summary>Null when something is wrong, which it then has said.</summary>
    public static Options? Read(string[] args)
    {
        var values = new Dictionary<string, string>(Defaults);
        if (args is not ["api" or "dataset" or "aws", .. var rest] || rest.Length % 2 != 0) return Wrong("");
        foreach (var pair in rest.Chunk(2))
        {
            if (!Defaults.TryGetValue(pair[0], out var value)) return Wrong($"{pair[0]} is not known.");
            if (int.TryParse(value, out _) && (!int.TryParse(pair[1], NumberStyles.None, CultureInfo.InvariantCulture, out _)))
                return Wrong($"{pair[0]} is '{pair[1]}'; allowed: a whole number from 0.");
            values[pair[0]] = pair[1];
        }

        var read = new Options(args[0], values);
        if (values["--store"] is not ("s3" or "local")) return Wrong($"--store is '{values["--store"]}'; allowed: s3, local.");
        if (!Directory.Exists(read.Folder)) return Wrong($"--folder is '{read.Folder}', which does not exist.");
        if (read.Server.Length > 0 && !File.Exists(Path.Combine(read.Server, "ControlPlane.dll")))
            return Wrong($"--server is '{read.Server}', which holds no ControlPlane.dll.");
        return read;
    }

    private static Options? Wrong(string problem)
    {
        Console.Error.WriteLine(problem.Length > 0 ? problem : Usage);
        return null;
    }
}
