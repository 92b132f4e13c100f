using System.Net;
using Microsoft.Extensions.DependencyInjection;
using VmDataset.ControlPlane.Tests.Generators;
using VmDataset.ControlPlane.Tests.Queue;
using VmDataset.Pipeline.Generators;
using VmDataset.Pipeline.Queue;

namespace VmDataset.ControlPlane.Tests.Health;

public sealed class HealthTests
{
    [Fact]
    public async Task Is_good_when_everything_is_there()
    {
        await using var api = new Api();

        (await api.GetAsync("/health/live")).GetRawText().ShouldBe("""{"status":"healthy","checks":{}}""");
        var ready = await api.GetAsync("/health/ready");

        ready.GetProperty("status").GetString().ShouldBe("healthy");
        ready.GetProperty("checks").EnumerateObject().Select(check => check.Name).ShouldBe(["store", "queue", "runtime", "worker", "generators"], ignoreOrder: true);
        ready.GetProperty("checks").GetProperty("generators").GetProperty("detail").GetString().ShouldBe("2 of 3 generators are usable.");
        Directory.EnumerateFiles(Path.Combine(api.DataDir, "store"), "*", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    [Fact]
    public async Task Is_degraded_without_generators()
    {
        await using var none = Api.Empty();
        await using var missing = Api.Empty();
        Directory.Delete(missing.GeneratorsDir);

        (await none.GetAsync("/health/ready")).GetProperty("checks").GetProperty("generators").GetRawText()
            .ShouldBe("""{"status":"degraded","detail":"0 of 0 generators are usable."}""");
        var ready = await missing.GetAsync("/health/ready");
        ready.GetProperty("status").GetString().ShouldBe("degraded");
        ready.GetProperty("checks").GetProperty("generators").GetProperty("detail").GetString()!.ShouldContain("does not exist");
    }

    [Fact]
    public async Task Tells_what_the_interpreter_lacks()
    {
        var runtime = new FakeRuntime { Status = new RuntimeStatus(null, "Python 3.13", ["cv2"]) };
        await using var api = Api.Empty(services => services.AddSingleton<IGeneratorRuntime>(runtime));
        api.AddGenerator("alpha");

        var lacking = await api.GetAsync("/health/ready");
        runtime.Status = new RuntimeStatus("There is no Python here.", null, []);
        var without = await api.GetAsync("/health/ready", HttpStatusCode.ServiceUnavailable);

        lacking.GetProperty("checks").GetProperty("runtime").GetRawText()
            .ShouldBe("""{"status":"degraded","detail":"Python 3.13 lacks cv2: generators that need it cannot be used."}""");
        without.GetProperty("checks").GetProperty("runtime").GetRawText().ShouldBe("""{"status":"unhealthy","detail":"There is no Python here."}""");
    }

    [Fact]
    public async Task Is_bad_when_the_queue_or_the_store_is_gone()
    {
        await using var api = Api.Empty(services => services.AddSingleton<IBatchQueue>(new BrokenQueue(outOfReach: true)));
        await api.GetAsync("/health/live");
        var store = Path.Combine(api.DataDir, "store");
        Directory.Delete(store, recursive: true);
        await File.WriteAllTextAsync(store, "");

        var ready = await api.GetAsync("/health/ready", HttpStatusCode.ServiceUnavailable);

        ready.GetProperty("status").GetString().ShouldBe("unhealthy");
        ready.GetProperty("checks").GetProperty("queue").GetProperty("status").GetString().ShouldBe("unhealthy");
        ready.GetProperty("checks").GetProperty("store").GetProperty("status").GetString().ShouldBe("unhealthy");
        ready.GetRawText().ShouldNotContain(BrokenQueue.Message);
        ready.GetRawText().ShouldNotContain(api.DataDir);
        await api.GetAsync("/health/live");
    }
}
