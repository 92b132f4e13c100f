using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using VmDataset.ControlPlane.Reconciliation;
using VmDataset.ControlPlane.Tests.Webhooks;
using VmDataset.Pipeline.Records;

namespace VmDataset.ControlPlane.Tests.Reconciliation;

public sealed class ScheduledReconcileTests
{
    [Fact]
    public async Task On_Lambda_an_event_reconciles_within_its_answer_and_a_flood_of_events_does_so_once()
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
    public async Task On_Lambda_an_event_delivers_webhooks_and_nothing_else_does()
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
    public async Task Elsewhere_there_is_no_such_path()
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
