using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Time.Testing;
using VmDataset.ControlPlane.Operations.Health;
using VmDataset.Worker.Samples;

namespace VmDataset.ControlPlane.Tests.Operations;

public sealed class WorkerCheckTests
{
    [Fact]
    public async Task A_worker_that_makes_no_progress_is_not_ready()
    {
        var clock = new FakeTimeProvider();
        var progress = new WorkerProgress(clock);
        // Every request comes after the former answer has expired.
        var requests = new FakeTimeProvider { AutoAdvanceAmount = Readiness.Freshness };
        await using var api = Api.Empty(services => services.AddSingleton(progress)
            .AddSingleton(provider => new Readiness(provider.GetRequiredService<HealthCheckService>(), requests)));
        api.AddGenerator("alpha");
        (await WorkerAsync(api)).ShouldBe(("healthy", "0 samples are in work."));

        using (progress.Begin("the reading of a sample of 'alpha' (seed 7)", TimeSpan.FromSeconds(30)))
        {
            clock.Advance(TimeSpan.FromSeconds(30) + WorkerProgress.Grace);
            (await WorkerAsync(api)).Status.ShouldBe("healthy");
            using (progress.Begin("the draw of a sample", TimeSpan.FromSeconds(30)))
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                // Others get on.
                (await WorkerAsync(api)).ShouldBe(("degraded", "1 of 2 samples in work hang: the reading of a sample of 'alpha' (seed 7) for 91 s, allowed are 30 s."));
            }

            (await WorkerAsync(api)).Status.ShouldBe("degraded");
            clock.Advance(TimeSpan.FromSeconds(31));
            (await WorkerAsync(api, HttpStatusCode.ServiceUnavailable)).Status.ShouldBe("unhealthy");
        }

        (await WorkerAsync(api)).Status.ShouldBe("healthy");
    }

    private static async Task<(string Status, string Detail)> WorkerAsync(Api api, HttpStatusCode expected = HttpStatusCode.OK)
    {
        var check = (await api.GetAsync("/health/ready", expected)).At("checks.worker");
        return (check.GetProperty("status").GetString()!, check.GetProperty("detail").GetString()!);
    }
}
