using System.CommandLine;
using VmDataset.Cli.CommandLine;
using VmDataset.Cli.Demo;
using VmDataset.Cli.Doctor;
using VmDataset.Cli.Downloads;
using VmDataset.Cli.Exports;
using VmDataset.Cli.Generators;
using VmDataset.Cli.Jobs;
using VmDataset.Cli.Operations;
using VmDataset.Cli.Watching;

namespace VmDataset.Cli;

/// <summary>Every verb.</summary>
internal static class CommandTree
{
    public const string Description = """
        Makes, watches and downloads datasets through the API of vm-dataset-pipeline.

        Results go to stdout, messages to stderr.

        Address and key: --profile NAME; or the variables VMDS_URL (default http://127.0.0.1:8080) and VMDS_API_KEY; or API_URL and API_KEY;
        or the profile 'default' of ~/.config/vmds/profiles.json. A profile is {"prod": {"url": "https://...", "api_key": "vmd_..."}}.
        Requests to a Lambda function URL are signed with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or with what
        AWS CLI 2 finds, such as a profile.

        Exit codes: 0 done; 1 the job failed, or the API refused; 2 wrong use; 3 the API does not answer; 130 interrupted.
        """;

    public static RootCommand Root()
    {
        var root = new RootCommand(Description);
        foreach (var option in SharedOptions.All) root.Add(option);
        foreach (var verb in Verbs()) root.Add(verb);
        return root;
    }

    private static IEnumerable<Command> Verbs() =>
    [
        SubmitVerb.Verb(), PlanVerb.Verb(), WatchVerb.Verb(), ReadingVerbs.List(), ReadingVerbs.Show(), FailureVerb.Verb(),
        .. ControlVerbs.All(), DownloadVerb.Verb(), ExportVerb.Verb(), .. GeneratorVerbs.All(), DeadLetterVerbs.Verb(), KeyVerbs.Verb(),
        FleetVerb.Verb(), DoctorVerb.Verb(), CompletionVerb.Verb(), DemoVerb.Verb(), ReferenceVerb.Verb(),
    ];
}
