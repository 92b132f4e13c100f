using System.CommandLine;
using System.Text.Json.Nodes;
using VmDataset.Cli.Api;
using VmDataset.Cli.CommandLine;
using VmDataset.Cli.Output;
using VmDataset.Cli.Watching;

namespace VmDataset.Cli.Demo;

/// <summary>Runs the main job once, from outside: starts a server on a free port, submits a job, watches it, checks every sample.</summary>
internal static class DemoVerb
{
    private const int Samples = 20;
    private const int BatchSize = 5;
    private static readonly string[] Generators = ["chess-task-data-generator", "maze-data-generator"];
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    public static Command Verb()
    {
        var server = new Argument<string>("SERVER") { Description = "The server's program, ControlPlane.dll." };
        var verb = new Command("demo", "Make a small dataset on this machine, and check it: ./run.sh demo.") { server };
        verb.Hidden = true;
        verb.SetAction(async (parsed, cancellation) =>
        {
            var data = Path.GetFullPath(Environment.GetEnvironmentVariable("DATA_DIR") is { Length: > 0 } named ? named : "data/demo");
            await using var process = new DemoServer(parsed.GetRequiredValue(server), data);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(Longest);
            try
            {
                using var session = new Session(parsed, new ApiClient(process.Connection), limit.Token);
                await process.ReadyAsync(session.Api, limit.Token);
                return (int)await RunAsync(session, data);
            }
            catch (Exception exception) when (exception is ApiException or InvalidOperationException
                || (exception is OperationCanceledException && !cancellation.IsCancellationRequested))
            {
                Screen.Say(process.Log);
                Screen.Error(exception is OperationCanceledException ? $"the demo did not end within {Figures.Duration(Longest.TotalSeconds)}" : exception.Message);
                return (int)ExitCode.Failed;
            }
        });
        return verb;
    }

    private static async Task<ExitCode> RunAsync(Session session, string data)
    {
        var usable = (await session.Api.GetAsync("/v1/generators", ApiJson.Default.GeneratorPage, session.Cancellation)).Value.Items;
        Screen.Line($"python     {Environment.GetEnvironmentVariable("PYTHON") ?? "python3, the first on PATH"}");
        Screen.Line($"generators {usable.Count(static each => each.Usable)} of {usable.Count} can be used");
        Screen.Line($"data       {data}");
        Screen.Line($"address    {session.Api.Address}");
        var request = new JsonObject
        {
            ["generators"] = new JsonArray([.. Generators.Select(static name => (JsonNode)name)]),
            ["samples"] = Samples,
            ["batch_size"] = BatchSize,
        };
        var watch = Stopwatch.StartNew();
        var job = await session.Api.SendAsync(HttpMethod.Post, "/v1/jobs", request.ToJsonString(), ApiJson.Default.Job,
            session.Cancellation, 202);
        var id = job.Value.Id!;
        Screen.Line($"job {id}: {Samples} samples of each of {string.Join(", ", Generators)}, seed {job.Value.Spec?.Seed}");
        var end = await JobWait.RunAsync(session, id, job, TimeSpan.FromSeconds(0.2), onStderr: false);
        if (end != ExitCode.Done) return end;
        var folder = Path.Combine(data, "store", "jobs", id, "data");
        var problems = DemoCheck.Problems(folder, Generators, Samples);
        foreach (var problem in problems) Screen.Error(problem);
        Screen.Line($"{Samples * Generators.Length} samples in {Figures.Duration(watch.Elapsed.TotalSeconds)}");
        Screen.Line($"data: {folder}");
        Screen.Line($"load: datasets.load_dataset(\"{folder}\", split=\"train\")    # Python, after pip install datasets");
        Screen.Line($"look: DATA_DIR={data} ./run.sh    # then http://127.0.0.1:8080/jobs/{id}");
        Screen.Line("next: ./run.sh, and beside it: scripts/vmds submit --generator maze-data-generator --samples 100 --wait");
        return problems.Count > 0 ? ExitCode.Failed : ExitCode.Done;
    }
}
