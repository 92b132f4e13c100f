using System.Diagnostics;

namespace VmDataset.Bench.Scale.Api;

/// <summary>Clients that ask for one address, each once a second and on a connection of its own.</summary>
internal static class Poll
{
    /// <returns>Seconds that each answer took, ascending.</returns>
    public static async Task<List<double>> RunAsync(Uri address, int pollers, TimeSpan length)
    {
        var all = await Task.WhenAll(Enumerable.Range(0, pollers).Select(number => AloneAsync(address, number / (double)pollers, length)));
        return [.. all.SelectMany(static each => each).Order()];
    }

    public static double Percentile(this IReadOnlyList<double> ascending, double percent) =>
        ascending[Math.Clamp((int)Math.Ceiling(percent / 100 * ascending.Count) - 1, 0, ascending.Count - 1)];

    private static async Task<List<double>> AloneAsync(Uri address, double begin, TimeSpan length)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromMinutes(2) };
        List<double> seconds = [];
        var clock = Stopwatch.StartNew();
        for (var due = TimeSpan.FromSeconds(begin); due < length; due += TimeSpan.FromSeconds(1))
        {
            if (due > clock.Elapsed) await Task.Delay(due - clock.Elapsed);
            var start = clock.Elapsed;
            using var answer = await http.GetAsync(address);
            answer.EnsureSuccessStatusCode();
            await answer.Content.ReadAsByteArrayAsync();
            seconds.Add((clock.Elapsed - start).TotalSeconds);
            // Nobody asks again before the answer; what was missed meanwhile is not made up for.
            while (due + TimeSpan.FromSeconds(1) < clock.Elapsed) due += TimeSpan.FromSeconds(1);
        }

        return seconds;
    }
}
