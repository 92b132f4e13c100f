using Microsoft.Extensions.DependencyInjection;
using VmDataset.ControlPlane.Tests.Operations;
using VmDataset.Pipeline.Queue;
using static VmDataset.ControlPlane.Tests.Http.HangingTests;

namespace VmDataset.ControlPlane.Tests.Http;

/// <summary>A store or a queue out of reach is 503 on every route that needs it, and 500 on none.</summary>
public sealed class UnreachableTests
{
    [Fact]
    public async Task A_queue_out_of_reach_is_503_where_it_is_needed()
    {
        var queue = new BrokenQueue(outOfReach: true);
        await using var api = Api.Empty(services => services.AddSingleton<IBatchQueue>(queue).AddSingleton<IDeadLetterQueue>(queue));
        api.AddGenerator("alpha");
        using var client = api.Client();

        var answers = await WalkAsync(api.Services, client);

        QueueAlone.Concat(["GET /v1/queue", "GET /health/ready"]).Intersect(Answered(answers)).ShouldBeEmpty();
        answers.ShouldAllBe(answer => answer.IsSound);
    }

    [Fact]
    public async Task A_store_whose_folder_is_gone_is_503_on_every_route_that_needs_it()
    {
        await using var api = Api.Empty();
        api.AddGenerator("alpha");
        await api.GetAsync("/health/live");
        Directory.Delete(Path.Combine(api.DataDir, "store"), recursive: true);
        using var client = api.Client();

        var answers = await WalkAsync(api.Services, client);

        Answered(answers).Except(WithoutStore).Except(QueueAlone).ShouldBeEmpty();
        answers.ShouldAllBe(answer => answer.IsSound);
    }

    [Fact]
    public async Task AWS_that_refuses_connections_is_503_on_every_route_that_needs_it()
    {
        await using var api = HangingTests.Aws(new Uri("http://127.0.0.1:1"));
        api.AddGenerator("alpha");
        using var client = api.Client();

        var answers = await WalkAsync(api.Services, client);

        Answered(answers).Except(WithoutStore).ShouldBeEmpty(string.Join(", ", answers));
        // CloudWatch, which is neither, is 502.
        answers.Where(static answer => answer.Name != "GET /v1/fleet").ShouldAllBe(answer => answer.IsSound);
    }
}
