using System.Globalization;

namespace VmDataset.Submission;

internal sealed record Arguments
{
    private const string Usage = """
        Measures how fast and in how much memory a job's messages are put on SQS, which a stub on this machine stands for.

        dotnet run -c Release --project bench/submission -- [options]
          --runs N              runs of the product for each size, 1 to 100 (default 5); medians are printed
          --baseline-share X    the part of the 200,000 messages that is sent one request after another, 0.001 to 1
                                (default 1, which takes six minutes or more); the rest is reckoned from it
          --largest N           messages of the largest job, 200001 to 1000000 (default 1000000); measured once
          --latency N           milliseconds that the stub takes for an answer, 1 to 1000 (default 15)
        """;

    public bool Help { get; private init; }

    public int Runs { get; private init; } = 5;

    public double BaselineShare { get; private init; } = 1;

    public int Largest { get; private init; } = 1_000_000;

    public int Latency { get; private init; } = 15;

    /// <summary>Null when something is wrong, which it then has said.</summary>
    public static Arguments? Read(string[] args)
    {
        Arguments read = new();
        for (var i = 0; i < args.Length; i += 2)
        {
            if (args[i] is "--help" or "-h")
            {
                Console.WriteLine(Usage);
                return read with { Help = true };
            }

            var value = i + 1 < args.Length ? args[i + 1] : null;
            var next = args[i] switch
            {
                "--runs" => Number(value, 1, 100) is { } runs ? read with { Runs = (int)runs }
                    : Wrong(args[i], value, "a whole number from 1 to 100"),
                "--baseline-share" => Number(value, 0.001, 1, NumberStyles.AllowDecimalPoint) is { } share
                    ? read with { BaselineShare = share } : Wrong(args[i], value, "a number from 0.001 to 1"),
                "--largest" => Number(value, 200_001, 1_000_000) is { } largest ? read with { Largest = (int)largest }
                    : Wrong(args[i], value, "a whole number from 200001 to 1000000"),
                "--latency" => Number(value, 1, 1_000) is { } latency ? read with { Latency = (int)latency }
                    : Wrong(args[i], value, "a whole number from 1 to 1000"),
                _ => Wrong(args[i], null, "--runs, --baseline-share, --largest, --latency and --help"),
            };
            if (next is null) return null;
            read = next;
        }

        return read;
    }

    private static double? Number(string? text, double least, double most, NumberStyles styles = NumberStyles.None) =>
        double.TryParse(text, styles, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number : null;

    private static Arguments? Wrong(string name, string? value, string allowed)
    {
        Console.Error.WriteLine($"{name} {value ?? "has no value or is not known"}: allowed: {allowed}.");
        return null;
    }
}
