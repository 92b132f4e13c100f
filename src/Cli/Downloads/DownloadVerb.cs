using System.CommandLine;
using VmDataset.Cli.Api;
using VmDataset.Cli.CommandLine;
using VmDataset.Cli.Output;

namespace VmDataset.Cli.Downloads;

/// <summary>Downloads a job's dataset, and checks every file of it.</summary>
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
        return Verbs.Create("download",
            "Download a job's dataset and check every file. Run again, it goes on where it stopped: files that are there and right stay, half a file is completed. 0 only if every file has the checksum that SHA256SUMS names.",
            [job, folder, parallel], async session =>
            {
                var id = session.Need(job);
                var answer = await session.Api.GetAsync($"/v1/jobs/{id}", ApiJson.Default.Job, session.Cancellation);
                return await RunAsync(session, id, answer, session.Get(folder) ?? id, session.Get(parallel) ?? 8);
            });
    }

    private static async Task<ExitCode> RunAsync(Session session, string id, ApiAnswer<Job> answer, string folder, int parallel)
    {
        var target = new TargetFolder(folder);
        var dataset = Ready(answer.Value);
        var first = dataset.Files.FirstOrDefault(static file => file.Name == SumsLine.ListName)
            ?? throw new ApiException($"{session.Api.Address} names no {SumsLine.ListName} of this dataset.", answer.Status);
        // The bytes of the samples, and of the files that tell of them all.
        var count = new TransferCount(dataset.Bytes is { } samples ? samples + dataset.Files.Sum(static file => file.Bytes) : null);
        var download = new DatasetDownload(new FileFetcher(session.Api, $"/v1/jobs/{id}/files/", target, count), target, count, parallel);
        try
        {
            target.Create();
            await using (new TransferProgress(count)) await download.RunAsync(new SumsLine(first.Sha256, first.Name), session.Cancellation);
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
            var all = count.Files - 1 + download.Problems.Count;
            Screen.Error($"{download.Problems.Count} of {all} files could not be had; run this again to try them again.");
            return ExitCode.Failed;
        }

        session.Screen.Result(answer.Json, () => Screen.Line(
            $"{dataset.Samples} samples, {count.Files} files in {folder}; every checksum is right."));
        return ExitCode.Done;
    }

    private static Dataset Ready(Job job) => job.Dataset is { State: "ready" } ready ? ready : throw new ApiException(
        $"the job is {job.State} ({job.Samples.Done} of {job.Samples.Total} samples) and its dataset {job.Dataset?.State ?? "none"}; try again when it is ready.",
        200);
}
