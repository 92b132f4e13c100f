using System.CommandLine;
using VmDataset.Cli.Api;
using VmDataset.Cli.CommandLine;
using VmDataset.Cli.Jobs;
using VmDataset.Cli.Output;

namespace VmDataset.Cli.Operations;

/// <summary>The workers' figures.</summary>
internal static class FleetVerb
{
    public static Command Verb()
    {
        var minutes = Verbs.Number("--minutes", "Of the last so many minutes; on AWS alone.", 1);
        return Verbs.Create("fleet", "Show the queue's depths and the workers' figures.", [minutes], async session =>
        {
            var path = "/v1/fleet" + (session.Get(minutes) is { } window ? ReadingVerbs.Query(("minutes", $"{window}")) : "");
            var fleet = await session.Api.GetAsync(path, ApiJson.Default.Fleet, session.Cancellation);
            session.Screen.Result(fleet.Json, () =>
            {
                foreach (var line in Lines(fleet.Value)) Screen.Line(line);
            });
            return ExitCode.Done;
        });
    }

    private static IEnumerable<string> Lines(Fleet fleet)
    {
        yield return $"engine     {fleet.Engine}";
        if (fleet.Queue is { } queue)
            yield return $"queue      {Count(queue.Queued)} queued, {Count(queue.InFlight)} in flight, {Count(queue.Dead)} given up"
                + (queue.OldestAgeSeconds is { } age ? $", the oldest {Figures.Duration(age)} old" : "");
        if (fleet.Worker is { } worker) yield return $"worker     {worker.Busy} of {worker.Lanes} lanes busy, {worker.Live} processes";
        if (fleet.Function is { } function)
            yield return $"function   {function.Name}: {Latest(function.ConcurrentExecutions)} at once, {Latest(function.Errors)} errors, "
                + $"{Latest(function.Throttles)} throttles, {Latest(function.AverageSeconds)} s on average";
        foreach (var note in fleet.Notes) yield return $"note       {note}";
    }

    private static string Count(long? number) => number is { } known ? Figures.Count(known) : "?";

    private static string Latest(FleetSeries? series) => series?.Latest?.ToString("0.##", CultureInfo.InvariantCulture) ?? "?";
}
