using VmDataset.Pipeline.Exports;

namespace VmDataset.Worker.Datasets;

/// <summary>What a dataset's card says about the way to a trainer and to a hub. It names what may be made of the dataset and not what was,
/// so that it is the same whatever was asked for after it.</summary>
internal static class UseCard
{
    // Recommended bounds of the Hugging Face hub.
    private const int HubFiles = 100_000;
    private const int HubFolder = 10_000;

    /// <summary>The exports that the dataset can have, each with what its program is told.</summary>
    public static void Training(StringBuilder card, DatasetFacts facts)
    {
        var profiles = ExportProfile.All.Where(profile => profile.Format is null || profile.Format == facts.Job.OutputFormat).ToList();
        if (facts.Videos == 0 || profiles.Count == 0) return;
        card.Append("""
            ## Train with it

            `POST /v1/jobs/JOB/exports {"profile": PROFILE}` writes the files by which a trainer reads this folder into `exports/PROFILE`.
            Flags that name models, sizes and outputs are left out.

            | profile | use |
            | --- | --- |

            """);
        foreach (var profile in profiles)
        {
            var usage = new ExportOptions(profile.Name).Usage(facts.Job).Replace("FOLDER", ".", StringComparison.Ordinal);
            card.Append(CultureInfo.InvariantCulture, $"| {profile.Name} | `{usage}` |\n");
        }

        card.Append('\n');
    }

    /// <summary>How to upload the folder, and whether a hub takes it.</summary>
    public static void Sharing(StringBuilder card, DatasetFacts facts)
    {
        card.Append("## Share it\n\n```sh\nhf upload-large-folder USER/NAME . --repo-type dataset\n```\n\n");
        var most = facts.Generators.Max(part => facts.IsTars ? part.Files : part.Samples);
        if (facts.Files <= HubFiles && most <= HubFolder) return;
        card.Append(CultureInfo.InvariantCulture, $"""
            The Hugging Face hub recommends at most {HubFiles:N0} files in a repository and {HubFolder:N0} entries in a folder. This dataset
            has {facts.Files:N0} files and up to {most:N0} entries in a folder. {(facts.IsTars
            ? "Tars of a larger `batch_size` are fewer" : "The same request with `\"output_format\": \"webdataset\"` has a tar for each batch")}, and an
            export of the profile `webdataset` has shards of 256 MiB.


            """);
    }
}
