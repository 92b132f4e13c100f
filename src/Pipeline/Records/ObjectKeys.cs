using VmDataset.Pipeline.Parameters;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Videos;

namespace VmDataset.Pipeline.Records;

/// <summary>
/// Builds and reads every object key there is; <c>docs/formats.md</c> lists the same keys. Anybody may put an object beside ours, so
/// whatever reads a listed key says whether it is one.
/// </summary>
public static partial class ObjectKeys
{
    /// <summary>Markers of submitted jobs, newest first, so that a LIST of this prefix pages the jobs.</summary>
    public const string SubmittedPrefix = "submitted/";

    /// <summary>What a client's key for a submission stands for.</summary>
    /// <param name="id">A hash of the key and of whose it is.</param>
    public static string Idempotency(string id) => $"idempotency/{id}.json";

    /// <summary>Written and removed to see whether the store can be written.</summary>
    public static string HealthProbe() => $"health/{Guid.NewGuid():N}";

    /// <summary>Whether a version of a generator may draw many samples in one process, with a job's parameters where it has some.</summary>
    public static string Reuse(string generatorVersion) => $"reuse/{generatorVersion}.json";

    /// <summary>What became of trying the generators.</summary>
    public const string CheckPrefix = "checks/";

    public static string Check(string generator, string version) => $"{CheckPrefix}{generator}-{version}.json";

    /// <summary>What samples of the generators took.</summary>
    public const string MeasurementPrefix = "measurements/";

    /// <summary>What samples of a generator took with these parameters, null for its defaults, and in this form, if any.</summary>
    public static string Measurement(string generator, ParameterSet? parameters, VideoSpec? video = null) =>
        $"{MeasurementPrefix}{generator}{(parameters is null ? "" : $"@{parameters.Hash}")}{(video is null ? "" : $"@video-{video.Hash}")}.json";

    /// <summary>The API's keys, each without its secret.</summary>
    public const string KeyPrefix = "keys/";

    public static string Key(string keyId) => $"{KeyPrefix}{keyId}.json";

    /// <summary>The jobs of one owner that count against its quotas. A hash, since an owner's name may be any text.</summary>
    public static string OpenPrefix(string owner) =>
        $"open/{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(owner)))[..32]}/";

    /// <summary>Says that a job of so many samples counts against its owner's quotas.</summary>
    public static string Open(string owner, long samples, string jobId) =>
        string.Create(CultureInfo.InvariantCulture, $"{OpenPrefix(owner)}{samples}-{jobId}");

    /// <summary>Markers of the jobs that need reconciling.</summary>
    public const string PendingPrefix = "pending/";

    public static string Pending(string jobId) => PendingPrefix + jobId;

    private const string JobsPrefix = "jobs/";

    public static string JobPrefix(string jobId) => $"jobs/{jobId}/";

    public static string Job(string jobId) => $"jobs/{jobId}/job.json";

    /// <summary>Sorts the newest job first: the time is counted down from its largest value.</summary>
    public static string Submitted(DateTimeOffset createdAt, string jobId) =>
        string.Create(CultureInfo.InvariantCulture,
            $"{SubmittedPrefix}{DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() - createdAt.ToUnixTimeMilliseconds():D15}-{jobId}");

    /// <summary>Where a list of jobs goes on with those that were submitted before a time.</summary>
    public static string SubmittedBefore(DateTimeOffset time) => string.Create(CultureInfo.InvariantCulture,
        $"{DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() - time.ToUnixTimeMilliseconds():D15}");

    public static string SentPrefix(string jobId) => $"jobs/{jobId}/sent/";

    /// <summary>Says that a generation's first <paramref name="batches"/> batches have been dealt with: their messages are on the
    /// queue.</summary>
    public static string Sent(string jobId, int generation, int batches) =>
        string.Create(CultureInfo.InvariantCulture, $"{SentPrefix(jobId)}{generation:D6}-{batches:D8}");

    /// <summary>Whoever writes it sends a generation's messages from so many batches on, up to the next check-point.</summary>
    public static string SentClaim(string jobId, int generation, int batches) =>
        string.Create(CultureInfo.InvariantCulture, $"jobs/{jobId}/sending/{generation:D6}-{batches:D8}");

    public static string ControlPrefix(string jobId) => $"jobs/{jobId}/control/";

    /// <summary>What was done to a job after it was submitted. Stays when the job is deleted: messages of it may still be about.</summary>
    public static string Control(string jobId, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"{ControlPrefix(jobId)}{number:D6}.json");

    public static string DonePrefix(string jobId) => $"jobs/{jobId}/done/";

    /// <summary>Where a manifest goes that cannot be read: its range counts as missing from then on.</summary>
    public static string Unreadable(string doneKey) => doneKey[..^Json.Length] + UnreadableSuffix;

    public static string DonePrefix(string jobId, string generator) => $"jobs/{jobId}/done/{generator}/";

    /// <summary>Where a LIST of a generator's ranges starts after, to begin with those from <paramref name="start"/> on.</summary>
    /// <param name="prefix">The generator's, of what is done, failed or dead.</param>
    /// <param name="start">An index.</param>
    public static string Before(string prefix, int start) => string.Create(CultureInfo.InvariantCulture, $"{prefix}{start:D8}");

    public static string Done(string jobId, string generator, SampleRange range) =>
        $"{DonePrefix(jobId, generator)}{range.ToKey()}.json";

    public static string FailedPrefix(string jobId) => $"jobs/{jobId}/failed/";

    public static string FailedPrefix(string jobId, string generator) => $"{FailedPrefix(jobId)}{generator}/";

    public static string Failed(string jobId, string generator, SampleRange range) =>
        $"{FailedPrefix(jobId, generator)}{range.ToKey()}.json";

    public static string DeadPrefix(string jobId) => $"jobs/{jobId}/dead/";

    public static string DeadPrefix(string jobId, int generation, string generator) =>
        string.Create(CultureInfo.InvariantCulture, $"{DeadPrefix(jobId)}{generation:D6}/{generator}/");

    /// <summary>Says that a generation gave a range up.</summary>
    public static string Dead(string jobId, int generation, string generator, SampleRange range) =>
        $"{DeadPrefix(jobId, generation, generator)}{range.ToKey()}.json";

    public static string WebhookPrefix(string jobId) => $"jobs/{jobId}/webhook/";

    /// <summary>What an event's every attempt sends, byte for byte.</summary>
    public static string WebhookBody(string jobId, string eventId) => $"{WebhookPrefix(jobId)}{eventId}/body.json";

    /// <summary>Whoever writes it makes the attempt.</summary>
    public static string WebhookClaim(string jobId, string eventId, int attempt) =>
        string.Create(CultureInfo.InvariantCulture, $"{WebhookPrefix(jobId)}{eventId}/{attempt:D2}-claim.json");

    public static string WebhookResult(string jobId, string eventId, int attempt) =>
        string.Create(CultureInfo.InvariantCulture, $"{WebhookPrefix(jobId)}{eventId}/{attempt:D2}-result.json");

    /// <summary>The record of the dataset that was written last; written after all of its files.</summary>
    public static string Dataset(string jobId) => $"jobs/{jobId}/dataset.json";

    /// <summary>Says that a worker was asked to look for duplicates.</summary>
    public static string DuplicateCheckDispatch(string jobId) => $"jobs/{jobId}/duplicates.json";

    /// <summary>Versions of generators that a job was not submitted with and that were drawn for it.</summary>
    public static string DrawnVersionPrefix(string jobId) => $"jobs/{jobId}/versions/";

    public static string DrawnVersion(string jobId, string generator, string version) =>
        $"{DrawnVersionPrefix(jobId)}{generator}/{version}";

    /// <summary>What a worker found that looked for duplicates after so many events.</summary>
    public static string DuplicateCounts(string jobId, int events) =>
        string.Create(CultureInfo.InvariantCulture, $"jobs/{jobId}/duplicates/{events:D6}.json");

    /// <summary>Halves of the fingerprints of samples that other jobs have, which the job is not to repeat; 16 bytes each.</summary>
    public static string KnownSamples(string jobId, string generator) => $"jobs/{jobId}/duplicates/known/{generator}";

    /// <summary>The parts of the dataset that were put on the queue.</summary>
    public static string DatasetDispatch(string jobId) => $"jobs/{jobId}/dataset/dispatch.json";

    /// <summary>The reason why a part of the dataset could not be written.</summary>
    public static string DatasetProblem(string jobId) => $"jobs/{jobId}/dataset/problem.json";

    /// <summary>The files about the dataset in the folders of its generators.</summary>
    public static string DatasetTables(string jobId) => $"jobs/{jobId}/dataset/tables.json";

    public static string DatasetPartPrefix(string jobId) => $"jobs/{jobId}/dataset/parts/";

    /// <summary>The record of a part that is written; written after its files.</summary>
    /// <param name="jobId">The job.</param>
    /// <param name="partId">The part.</param>
    /// <param name="of">The state of the data that it was made of, in hexadecimal digits.</param>
    public static string DatasetPart(string jobId, string partId, string of) => $"{DatasetPartPrefix(jobId)}{partId}/{of[..16]}.json";

    public static string EndedListingPrefix(string jobId) => $"jobs/{jobId}/listing/";

    public static string EndedListingPrefix(string jobId, int lastEvent) =>
        string.Create(CultureInfo.InvariantCulture, $"{EndedListingPrefix(jobId)}{lastEvent:D6}/");

    /// <summary>What is there of a large job that has ended: see <see cref="EndedListingStore"/>.</summary>
    public static string EndedListing(string jobId, int lastEvent, string identity) =>
        $"{EndedListingPrefix(jobId, lastEvent)}{identity}.json";

    public static string ExportPrefix(string jobId) => $"jobs/{jobId}/exports/";

    /// <summary>An export that was asked for.</summary>
    public static string ExportRequest(string jobId, string exportId) => $"{ExportPrefix(jobId)}{exportId}/request.json";

    /// <summary>An export that was made, or why it could not be; written after its files.</summary>
    public static string ExportResult(string jobId, string exportId) => $"{ExportPrefix(jobId)}{exportId}/result.json";

    /// <summary>The plan and the parts of an export that copies samples, until it is made.</summary>
    public static string ExportPartPrefix(string jobId, string exportId) => $"{ExportPrefix(jobId)}{exportId}/parts/";

    /// <summary>Those of one state of the job's data.</summary>
    /// <param name="jobId">The job.</param>
    /// <param name="exportId">The export.</param>
    /// <param name="of">The dataset that it is made of, in hexadecimal digits.</param>
    public static string ExportPartPrefix(string jobId, string exportId, string of) =>
        $"{ExportPartPrefix(jobId, exportId)}{of[..16]}/";

    /// <summary>What is in the export; written after the plans of its parts.</summary>
    public static string ExportPlan(string jobId, string exportId, string of) => $"{ExportPartPrefix(jobId, exportId, of)}plan.json";

    /// <summary>What is in a part.</summary>
    public static string ExportPartPlan(string jobId, string exportId, string of, int part) =>
        string.Create(CultureInfo.InvariantCulture, $"{ExportPartPrefix(jobId, exportId, of)}{part:D5}-plan.json");

    /// <summary>A part that is made; written after its files.</summary>
    public static string ExportPart(string jobId, string exportId, string of, int part) =>
        string.Create(CultureInfo.InvariantCulture, $"{ExportPartPrefix(jobId, exportId, of)}{part:D5}.json");

    /// <summary>A file about the dataset, at the root of its folder.</summary>
    public static string DatasetFile(string jobId, string name) => DataPrefix(jobId) + name;

    public static string DataPrefix(string jobId) => $"jobs/{jobId}/data/";

    /// <summary>A file of a sample, in the <c>files</c> format.</summary>
    public static string SampleFile(string jobId, string generator, string domain, int index, string file) =>
        $"{DataPrefix(jobId)}{generator}/{domain}_task/{SampleName(domain, index)}/{file}";

    /// <summary>
    /// The shard that holds a finished range, in the <c>webdataset</c> format. It names the whole range: two workers on one
    /// message may end at different samples, and neither shall replace what the other's manifest tells of.
    /// </summary>
    /// <param name="split">The split whose samples it holds; null where one shard holds the whole range.</param>
    public static string Shard(string jobId, string generator, SampleRange range, string? split = null) =>
        $"{DataPrefix(jobId)}{generator}/{generator}-{range.ToKey()}{(split is null ? "" : $"-{split}")}.tar";

    /// <summary>
    /// A file's name within a shard. WebDataset takes the text before the first dot for the sample's key, so neither a dot in
    /// the domain nor a folder may come before it.
    /// </summary>
    public static string ShardMember(string domain, int index, string file) =>
        $"{SampleName(domain, index).Replace('.', '_')}.{file.Replace('/', '.')}";

    /// <summary>A sample's name in the dataset: <c>chess_00000042</c>.</summary>
    public static string SampleName(string domain, int index) =>
        string.Create(CultureInfo.InvariantCulture, $"{domain}_{index:D8}");
}
