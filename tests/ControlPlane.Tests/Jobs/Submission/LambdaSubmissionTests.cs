using Microsoft.Extensions.DependencyInjection;
using VmDataset.ControlPlane.Settings;
using VmDataset.ControlPlane.Tests.Operations;
using VmDataset.Pipeline.Queue;

namespace VmDataset.ControlPlane.Tests.Jobs.Submission;

/// <summary>A queue that needs three seconds is slower than an answer may usually be.</summary>
public class LambdaSubmissionTests
{
    [Theory]
    [InlineData(true, "running", 2)]
    [InlineData(false, "submitting", 0)]
    public async Task An_answer_on_Lambda_waits_until_every_message_is_sent(bool onLambda, string state, int sent)
    {
        var queue = new SlowQueue(TimeSpan.FromSeconds(3));
        await using var api = Api.Empty(services =>
        {
            var engine = (BackendOptions)services.Last(static service => service.ServiceType == typeof(BackendOptions)).ImplementationInstance!;
            services.AddSingleton(engine with { OnLambda = onLambda });
            services.AddSingleton<IBatchQueue>(queue);
        }, new Dictionary<string, string> { ["ALLOW_ANONYMOUS"] = "everyone-who-can-reach-it" });
        api.AddGenerator("alpha");

        var view = await api.PostJobAsync("""{"generators": ["alpha"], "samples": 20, "batch_size": 10}""");

        (view.GetProperty("state").GetString(), queue.Sent).ShouldBe((state, sent));
    }
}
