using System.CommandLine;
using VmDataset.Cli.Api;
using VmDataset.Cli.CommandLine;
using VmDataset.Cli.Output;

namespace VmDataset.Cli.Downloads;

/// <summary>Downloads a job's dataset, or exports of it, and checks every file.</summary>
internal static class DownloadVerb
{
    private const int MostProblemsShown = 20;

    public static Command Verb()
    {
        var job = Verbs.Job();
        var folder = new Argument<string?>("FOLDER")
        {
            Description = "Where the dataset goes; a folder named after the job by default.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var parallel = Verbs.Number("--parallel", "Files that are fetched at once. Default: 8.", 1, 1000);
        var export = Verbs.Texts("--export",
            "Fetch the files of this export alone, such as webdataset; may be repeated. Without it, the dataset and its exports but for those that copy samples.",
            "EXPORT");
        return Verbs.Create("download",
            "Download a job's dataset and check every file. Run again, it goes on where it stopped: files that are there and right stay, half a file is completed. 0 only if every file has the checksum that SHA256SUMS, or the list of exports, names.",
            [job, folder, export, parallel], async session =>
            {
                var id = session.Need(job);
                var content = session.Get(export) is { Length: > 0 } names
                    ? await DownloadContent.OfExportsAsync(session, id, names) : await DownloadContent.OfDatasetAsync(session, id);
                return await RunAsync(session, id, content, session.Get(folder) ?? id, session.Get(parallel) ?? 8);
            });
    }

    private static async Task<ExitCode> RunAsync(Session session, string id, DownloadContent content, string folder, int parallel)
    {
        var target = new TargetFolder(folder);
        var count = new TransferCount(content.Bytes);
        var download = new DatasetDownload(new FileFetcher(session.Api, $"/v1/jobs/{id}/files/", target, count), target, count, parallel);
        try
        {
            target.Create();
            await using (new TransferProgress(count))
            {
                if (content.List is { } list) await download.RunAsync(list, session.Cancellation);
                await download.RunAsync(content.Files, session.Cancellation);
            }
        }
        catch (OperationCanceledException) when (session.Cancellation.IsCancellationRequested)
        {
            Screen.Say("Stopped; the same command goes on from here.");
            return ExitCode.Interrupted;
        }
        catch (Exception exception) when (exception is DownloadException or IOException or UnauthorizedAccessException)
        {
            Screen.Error(exception.Message);
            return exception.InnerException is ApiException { Status: null } ? ExitCode.Unreachable : ExitCode.Failed;
        }

        target.TidyUp();
        foreach (var problem in download.Problems.Take(MostProblemsShown)) Screen.Error(problem);
        if (download.Problems.Count > 0)
        {
            var all = count.Files + download.Problems.Count - (content.List is null ? 0 : 1);
            Screen.Error($"{download.Problems.Count} of {all} files could not be had; run this again to try them again.");
            return ExitCode.Failed;
        }

        if (content.List is not null && target.CountFiles() - (count.Files - content.Files.Count) is > 0 and var others)
            Screen.Say($"warning: {others} other {(others == 1 ? "file is" : "files are")} in {folder}, of another dataset or of an earlier state of this one. Programs that read a whole folder, as patterns such as */*.tar do, take them for samples of this dataset: give each dataset a folder of its own.");
        session.Screen.Result(content.Json, () => Screen.Line($"{content.Name}, {count.Files} {(count.Files == 1 ? "file" : "files")} in {folder}; every checksum is right."));
        return ExitCode.Done;
    }
}
