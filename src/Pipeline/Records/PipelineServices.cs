using VmDataset.Pipeline.Storage;

namespace VmDataset.Pipeline.Records;

public static class PipelineServices
{
    /// <summary>Adds what reads jobs from the store. Needs the store and a <see cref="TimeProvider"/>.</summary>
    public static IServiceCollection AddJobReading(this IServiceCollection services) => services
        .AddSingleton<RecordWarnings>()
        .AddSingleton<JobStore>()
        .AddSingleton<PendingJobs>()
        .AddSingleton<JobEventLog>()
        .AddSingleton<EndedListingStore>()
        .AddSingleton<ProgressReader>()
        .AddSingleton<ManifestReader>();
}
