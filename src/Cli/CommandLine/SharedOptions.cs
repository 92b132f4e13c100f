using System.CommandLine;

namespace VmDataset.Cli.CommandLine;

/// <summary>The options that every verb takes.</summary>
internal static class SharedOptions
{
    public static readonly Option<bool> Json = new("--json")
    {
        Description = "Print the API's JSON to stdout, and nothing else there.",
        Recursive = true,
    };

    public static readonly Option<string?> Profile = new("--profile")
    {
        Description = "Take address and key from this profile of ~/.config/vmds/profiles.json.",
        HelpName = "NAME",
        Recursive = true,
    };

    public static readonly Option<bool> Sign = new("--sign")
    {
        Description = "Sign requests with AWS credentials; done anyway for hosts that end in .lambda-url.REGION.on.aws.",
        Recursive = true,
    };

    public static readonly Option<bool> NoSign = new("--no-sign")
    {
        Description = "Sign nothing, as a function URL without IAM wants it.",
        Recursive = true,
    };

    public static IEnumerable<Option> All => [Json, Profile, Sign, NoSign];
}
