using VmDataset.Pipeline.Deduplication;
using VmDataset.Pipeline.Exports;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Json;
using VmDataset.Pipeline.Planning;
using VmDataset.Pipeline.Videos;

namespace VmDataset.Pipeline.Tests.Jobs;

/// <summary>A store in use has records under these names: a property that is renamed keeps its name there.</summary>
public sealed class StoredNamesTests
{
    [Theory]
    [InlineData(typeof(Manifest), "generator version commit domain start_index num_samples base_seed parameters output_format files bytes seconds cpu_seconds max_rss_mb finished_at attempt worker shard shards samples")]
    [InlineData(typeof(SampleRecord), "index seed fingerprint seconds prompt parameters video first_frame_distance final_frame_distance static_video files left_out")]
    [InlineData(typeof(VideoFacts), "width height frames fps seconds codec")]
    [InlineData(typeof(VideoSpec), "preset width height frames fps codec keep_original")]
    [InlineData(typeof(Excluded), "duplicate_of in_other_job")]
    [InlineData(typeof(DuplicateCounts), "generators problem")]
    [InlineData(typeof(DistinctCount), "generator candidates distinct since_last_new failed known")]
    [InlineData(typeof(Shard), "key bytes sha256 split")]
    [InlineData(typeof(SampleFileRecord), "name bytes sha256")]
    [InlineData(typeof(FailureRecord), "generator start_index num_samples base_seed attempt kind message exception_type traceback log_tail failed_at worker")]
    [InlineData(typeof(DeadRange), "reason died_at")]
    [InlineData(typeof(JobEvent), "number verb generator at by reason timeout_seconds ranges version checks")]
    [InlineData(typeof(DuplicateCheck), "generator candidates distinct next failed settled")]
    [InlineData(typeof(PlanRecord), "seconds lane_seconds lanes basis function_seconds usd memory_mb region prices_of seconds_per_sample")]
    [InlineData(typeof(Estimate), "low likely high")]
    [InlineData(typeof(GeneratorCalibration), "basis samples median_seconds spread cpu_share files_per_sample bytes_per_sample memory_mb failure_share version measured_at job_id")]
    [InlineData(typeof(ExportOptions), "profile base_path split shards shard_bytes seed")]
    [InlineData(typeof(ExportTask), "task job_id options of part")]
    [InlineData(typeof(ExportPlan), "parts samples skipped files")]
    [InlineData(typeof(ExportPartPlan), "sources shards")]
    [InlineData(typeof(SampleSource), "generator domain files split")]
    [InlineData(typeof(PlannedShard), "path samples")]
    [InlineData(typeof(PlannedSample), "source index bytes check tar offset")]
    [InlineData(typeof(ExportPartRecord), "shards")]
    [InlineData(typeof(ExportShard), "path samples bytes sha256")]
    [InlineData(typeof(ExportRequestRecord), "options of sent_at")]
    [InlineData(typeof(ExportRecord), "options of written_at samples skipped files problem")]
    public void A_stored_record_keeps_its_names(Type record, string names)
    {
        WireJson.Options.MakeReadOnly(populateMissingResolver: true);
        WireJson.Options.GetTypeInfo(record).Properties.Where(static each => each.Get is not null).Select(static each => each.Name).ShouldBe(names.Split(' '), ignoreOrder: true);
    }
}
