using VmDataset.Cli.Api;
using VmDataset.Cli.CommandLine;

namespace VmDataset.Cli.Downloads;

/// <summary>The files that a download fetches.</summary>
/// <param name="Json">The API's answer that tells of it.</param>
/// <param name="Name">A word for it.</param>
/// <param name="Bytes">Its size; null where the API does not tell.</param>
/// <param name="List">The list that names the dataset's files; null if none of them is to be fetched.</param>
/// <param name="Files">Further files.</param>
internal sealed record DownloadContent(string Json, string Name, long? Bytes, SumsLine? List, IReadOnlyList<SumsLine> Files)
{
    private const string Ready = "ready";

    /// <summary>A job's dataset, and its exports that copy no samples.</summary>
    /// <exception cref="ApiException">The dataset is not ready, or cannot be asked for.</exception>
    public static async Task<DownloadContent> OfDatasetAsync(Session session, string id)
    {
        var answer = await session.Api.GetAsync($"/v1/jobs/{id}", ApiJson.Default.Job, session.Cancellation);
        var job = answer.Value;
        if (job.Dataset is not { State: Ready } dataset) throw new ApiException(
            $"the job is {job.State} ({job.Samples.Done} of {job.Samples.Total} samples) and its dataset {job.Dataset?.State ?? "none"}; try again when it is ready.",
            200);
        var first = dataset.Files.FirstOrDefault(static file => file.Name == SumsLine.ListName)
            ?? throw new ApiException($"{session.Api.Address} names no {SumsLine.ListName} of this dataset.", answer.Status);
        var exports = await ExportsAsync(session, id);
        List<ExportFile> files = [.. exports.Value.Items.Where(static each => each is { State: Ready, Shards: null })
            .SelectMany(static each => each.Files)];
        // The bytes of the samples, of the files that tell of them all, and of the exports.
        var bytes = dataset.Bytes + dataset.Files.Sum(static file => file.Bytes) + files.Sum(static file => file.Bytes);
        return new DownloadContent(answer.Json, $"{dataset.Samples} samples", bytes, new SumsLine(first.Sha256, first.Name), Lines(files));
    }

    /// <summary>Exports of a job, also such as copy samples.</summary>
    /// <exception cref="UsageException">The job has no such export.</exception>
    /// <exception cref="ApiException">One is not ready, or they cannot be asked for.</exception>
    public static async Task<DownloadContent> OfExportsAsync(Session session, string id, IEnumerable<string> names)
    {
        var exports = await ExportsAsync(session, id);
        var there = exports.Value.Items;
        var allowed = there.Count == 0 ? $"an export of the job, and it has none: vmds export {id} PROFILE makes one"
            : string.Join(", ", there.Select(static each => each.Id));
        var wanted = names.Distinct(StringComparer.Ordinal).Select(name => there.FirstOrDefault(each => each.Id == name)
            ?? throw new UsageException($"--export is '{name}'; allowed: {allowed}.")).ToList();
        if (wanted.Find(static each => each.State != Ready) is { } other) throw new ApiException(
            $"the export {other.Id} is {other.State}; {(other.State == "pending" ? "try again when it is ready" : "the request that made it makes it anew")}.",
            exports.Status);
        var files = wanted.SelectMany(static each => each.Files).ToList();
        return new DownloadContent(
            exports.Json, string.Join(", ", wanted.Select(static each => each.Id)), files.Sum(static file => file.Bytes), List: null,
            Lines(files));
    }

    private static Task<ApiAnswer<Page<Export>>> ExportsAsync(Session session, string id) =>
        session.Api.GetAsync($"/v1/jobs/{id}/exports", ApiJson.Default.ExportPage, session.Cancellation);

    private static List<SumsLine> Lines(IEnumerable<ExportFile> files) =>
        [.. files.Select(static file => new SumsLine(file.Sha256, file.Path))];
}
