using Microsoft.Extensions.DependencyInjection;
using VmDataset.ControlPlane.Reconciliation;
using VmDataset.ControlPlane.Tests.Operations;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;
using VmDataset.Tests.Aws;

namespace VmDataset.ControlPlane.Tests.Webhooks;

public sealed class AwsDeliveryTests
{
    [Fact]
    public async Task Two_instances_on_S3_tell_it_once()
    {
        using var aws = await AwsResources.CreateAsync();
        Dictionary<string, string> settings = new(EngineApi.AwsSettings(aws.Options, null).Concat(Hooked.Settings));
        await using var first = new EngineApi(settings);
        await using var second = new EngineApi(settings);
        await using var receiver = new Receiver();
        var job = new Job
        {
            Id = JobId.New(DateTimeOffset.UtcNow),
            CreatedAt = DateTimeOffset.UtcNow,
            Generators = [new JobGenerator("alpha", null)],
            StartIndex = 0,
            Samples = 10,
            BatchSize = 10,
            Seed = 1,
            OutputFormat = OutputFormat.Files,
            WebhookUrl = receiver.Url,
        };
        await first.Services.GetRequiredService<JobStore>().CreateAsync(job);
        await first.Services.GetRequiredService<IObjectStore>().FinishAsync(job, "alpha", 0, 10);

        await Eventually.BeTrueAsync(async () =>
        {
            await Task.WhenAll(new[] { first, second }.Select(each => each.Services.GetRequiredService<ReconcileScheduler>().RunAsync(TestContext.Current.CancellationToken)));
            return (await second.GetAsync($"/v1/jobs/{job.Id}/webhook")).GetProperty("state").GetString() == "delivered";
        });

        receiver.Messages.ShouldHaveSingleItem().Headers["webhook-signature"].ShouldBe(receiver.Messages[0].SignedWith(Hooked.Key));
    }
}
