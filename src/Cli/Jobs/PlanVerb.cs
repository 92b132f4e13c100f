using System.CommandLine;
using VmDataset.Cli.Api;
using VmDataset.Cli.CommandLine;
using VmDataset.Cli.Output;

namespace VmDataset.Cli.Jobs;

/// <summary>Says what a job would take, and submits nothing.</summary>
internal static class PlanVerb
{
    public static Command Verb()
    {
        var options = new SubmitOptions();
        var calibrate = new Option<bool>("--calibrate")
        {
            Description = "Draw eight samples of each generator first, and reckon with them; where the API has a worker of its own.",
        };
        return Verbs.Create("plan", "Say how long a job will take, and on AWS what it will cost. Submits nothing.",
            [.. options.All, calibrate], async session =>
            {
                var request = options.Request(session);
                if (session.Has(calibrate)) request["calibrate"] = true;
                var plan = await session.Api.SendAsync(HttpMethod.Post, "/v1/jobs/plan", request.ToJsonString(), ApiJson.Default.Plan,
                    session.Cancellation);
                session.Screen.Result(plan.Json, () =>
                {
                    foreach (var line in PlanText.Lines(plan.Value)) Screen.Line(line);
                });
                return ExitCode.Done;
            });
    }
}
