using Microsoft.Extensions.DependencyInjection;
using VmDataset.ControlPlane.Reconciliation;
using VmDataset.ControlPlane.Tests.Operations;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;
using VmDataset.Tests.Aws;

namespace VmDataset.ControlPlane.Tests.Datasets;

public sealed class AwsDatasetTests
{
    [Fact]
    public async Task Two_instances_on_S3_write_one_dataset_and_link_it()
    {
        using var aws = await AwsResources.CreateAsync();
        Dictionary<string, string> settings = new(EngineApi.AwsSettings(aws.Options, null)) { ["PresignedLinks"] = "true" };
        await using var first = new EngineApi(settings);
        await using var second = new EngineApi(settings);
        var job = new Job
        {
            Id = JobId.New(DateTimeOffset.UtcNow),
            CreatedAt = DateTimeOffset.UtcNow,
            Generators = [new JobGenerator("beta", null)],
            StartIndex = 0,
            Samples = 4,
            BatchSize = 2,
            Seed = 1,
            OutputFormat = OutputFormat.Files,
        };
        await first.Services.GetRequiredService<JobStore>().CreateAsync(job);
        var store = first.Services.GetRequiredService<IObjectStore>();
        await store.DrawAsync(job, "beta", 0, 2);
        await store.DrawAsync(job, "beta", 2, 2);

        await Eventually.BeTrueAsync(async () =>
        {
            await Task.WhenAll(new[] { first, second }.Select(each => each.Services.GetRequiredService<ReconcileScheduler>().RunAsync(TestContext.Current.CancellationToken)));
            await Task.WhenAll(new[] { first, second }.Select(static each => each.Services.WriteDatasetsAsync()));
            return (await second.GetAsync($"/v1/jobs/{job.Id}")).At("dataset.state").GetString() == "ready";
        });

        var page = await first.GetAsync($"/v1/jobs/{job.Id}/download?limit=100");
        using var http = new HttpClient();
        page.GetProperty("items").GetArrayLength().ShouldBe(5 + (4 * 4));
        foreach (var item in page.GetProperty("items").EnumerateArray().Take(6))
            DrawnJobs.Hex(await http.GetByteArrayAsync(new Uri(item.GetProperty("url").GetString()!))).ShouldBe(item.GetProperty("sha256").GetString());
        (await store.FilesAsync(job)).Rows().Count.ShouldBe(4);
    }
}
