using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using VmDataset.ControlPlane.Reconciliation;
using VmDataset.ControlPlane.Tests.Webhooks;
using VmDataset.Pipeline.Dispatch;
using VmDataset.Pipeline.Records;
using VmDataset.Worker.Batches;

namespace VmDataset.ControlPlane.Tests.Reconciliation;

public sealed class ScheduledReconcileTests
{
    [Fact]
    public async Task An_event_on_Lambda_reconciles_within_its_answer_and_many_events_reconcile_once()
    {
        CountingStore? store = null;
        await using var api = OnLambda(services => Api.WrapStore(services, own => store = new CountingStore(own)));

        await PostAsync(api, HttpStatusCode.NoContent);
        await PostAsync(api, HttpStatusCode.NoContent);
        store!.Lists.Count(static prefix => prefix == ObjectKeys.PendingPrefix).ShouldBe(1);

        api.Time.Shift += ScheduledReconcile.Interval;
        await PostAsync(api, HttpStatusCode.NoContent);
        store.Lists.Count(static prefix => prefix == ObjectKeys.PendingPrefix).ShouldBe(2);
    }

    [Fact]
    public async Task An_event_alone_delivers_webhooks_on_Lambda()
    {
        await using var api = OnLambda();
        await using var receiver = new Receiver();
        var job = await api.EndHookedAsync(receiver.Url);
        api.Services.GetServices<Microsoft.Extensions.Hosting.IHostedService>().ShouldNotContain(service => service is ReconcileLoop);
        receiver.Messages.ShouldBeEmpty();

        await PostAsync(api, HttpStatusCode.NoContent);

        receiver.Messages.Count.ShouldBe(1);
        (await api.WebhookAsync(job)).GetProperty("state").GetString().ShouldBe("delivered");
    }

    [Fact]
    public async Task A_request_on_Lambda_sends_a_part_of_very_many_messages_and_has_a_worker_send_the_rest()
    {
        await using var api = OnLambda();
        var job = await api.SubmitAsync("""{"generators": ["alpha"], "samples": 12000, "batch_size": 1}""");
        (await api.GetAsync($"/v1/jobs/{job.Id}")).GetProperty("state").GetString().ShouldBe("submitting");
        (await api.Queue.GetDepthAsync(job.Id))!.Queued.ShouldBe(JobSubmitter.Chunk + 1);
        List<DispatchTask> tasks = [];
        while (await api.Queue.ReceiveAsync(10, TimeSpan.FromMinutes(5), TimeSpan.Zero) is { Count: > 0 } leased)
            tasks.AddRange(leased.Select(static message => DispatchTask.Parse(message.Body)).OfType<DispatchTask>());

        var worker = new DispatchTaskProcessor(api.Services.GetRequiredService<JobStore>(), api.Services.GetRequiredService<JobSubmitter>(), api.Time, NullLogger<DispatchTaskProcessor>.Instance);
        (await worker.ProcessAsync(tasks.ShouldHaveSingleItem(), default)).ShouldBe(BatchOutcome.Acknowledge);

        (await api.GetAsync($"/v1/jobs/{job.Id}")).GetProperty("state").GetString().ShouldBe("running");
        (await api.Queue.GetDepthAsync(job.Id))!.Queued.ShouldBe(2_000);
    }

    [Fact]
    public async Task The_path_of_events_does_not_exist_off_Lambda()
    {
        await using var api = Hooked.Start();

        await PostAsync(api, HttpStatusCode.NotFound);
    }

    private static Api OnLambda(Action<IServiceCollection>? configure = null) => Hooked.Start(configure, ("AwsLambdaFunctionName", "api"), ("ALLOW_ANONYMOUS", "everyone-who-can-reach-it"));

    private static async Task PostAsync(Api api, HttpStatusCode expected)
    {
        using var client = api.Client();
        using var content = new StringContent("""{"detail-type": "Scheduled Event"}""", Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync(new Uri("/events", UriKind.Relative), content);
        answer.StatusCode.ShouldBe(expected);
        if (expected == HttpStatusCode.NoContent) (await answer.Content.ReadAsStringAsync()).ShouldBeEmpty();
    }
}
