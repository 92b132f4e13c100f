using System.CommandLine;
using VmDataset.Cli.Api;
using VmDataset.Cli.CommandLine;
using VmDataset.Cli.Output;

namespace VmDataset.Cli.Doctor;

/// <summary>Says what is missing for a job to run.</summary>
internal static class DoctorVerb
{
    public static Command Verb() => Verbs.Create("doctor",
        "Say what is missing: whether the API is reachable and takes the key, whether workers poll and generators can be used; on this machine its Python; with AWS credentials the account's quotas. 0 only if nothing is wrong. --json prints the findings.",
        [], async session =>
        {
            List<Finding> found = [];
            var unreachable = false;
            try
            {
                found.AddRange(await ApiLook.LookAsync(session.Api, session.Cancellation));
            }
            catch (ApiException exception)
            {
                unreachable = true;
                found.Add(Finding.Wrong("api", $"{exception.Message}; ./run.sh serves it here, VMDS_URL or a profile names another"));
                found.AddRange(new[] { "key", "workers", "generators" }.Select(static name => Finding.Skipped(name, "the API does not answer")));
            }

            found.Add(new Uri(session.Api.Address).IsLoopback ? await PythonLook.LookAsync(session.Cancellation)
                : Finding.Skipped("python", "the API is on another machine"));
            found.Add(await AwsLook.LookAsync(new AwsCredentials(TimeProvider.System), session.Cancellation));
            session.Screen.Result(JsonSerializer.Serialize(new Findings(found), FindingJson.Default.Findings), () =>
            {
                foreach (var each in found) Screen.Line($"{each.State,-8} {each.Name,-11} {each.Detail.ReplaceLineEndings(" ")}");
            });
            return unreachable ? ExitCode.Unreachable : found.Any(static each => each.State == "wrong") ? ExitCode.Failed : ExitCode.Done;
        });
}
