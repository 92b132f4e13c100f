using VmDataset.Cli.Api;
using VmDataset.Cli.CommandLine;
using VmDataset.Cli.Output;

namespace VmDataset.Cli.Generators;

/// <summary>Asks for a preview until its samples are there, and tells of them.</summary>
internal static class PreviewText
{
    public static async Task<ExitCode> RunAsync(Session session, string path, string request)
    {
        ApiAnswer<Preview> answer;
        do
        {
            // 202: no worker has finished them within 20 seconds; the same request continues to wait.
            answer = await session.Api.SendAsync(HttpMethod.Post, path, request, ApiJson.Default.Preview, session.Cancellation);
        }
        while (answer.Status == 202);
        var preview = answer.Value;
        session.Screen.Result(answer.Json, () =>
        {
            foreach (var sample in preview.Samples)
                Screen.Line($"sample {sample.Index}, seed {sample.Seed}, {Figures.Duration(sample.Seconds)}: {Text.Start(sample.Prompt ?? "", 200)}");
            foreach (var failure in preview.Failures) Screen.Line(JobText.Failure(failure));
            if (preview.Links is { } links) Screen.Line($"pictures {session.Api.Address}{links.Gallery}");
        });
        return preview.Failures.Count == 0 ? ExitCode.Done : ExitCode.Failed;
    }
}
