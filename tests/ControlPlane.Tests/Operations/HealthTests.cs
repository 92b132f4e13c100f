using System.Net;
using Microsoft.Extensions.DependencyInjection;
using VmDataset.ControlPlane.Operations.Health;
using VmDataset.ControlPlane.Tests.Generators;
using VmDataset.ControlPlane.Tests.Http;
using VmDataset.Pipeline.Generators;
using VmDataset.Pipeline.Local;
using VmDataset.Pipeline.Queue;
using VmDataset.Pipeline.Storage;

namespace VmDataset.ControlPlane.Tests.Operations;

public sealed class HealthTests
{
    [Fact]
    public async Task Readiness_is_good_when_everything_is_there()
    {
        await using var api = new Api();

        (await api.GetAsync("/health/live")).GetRawText().ShouldBe("""{"status":"healthy","checks":{}}""");
        var ready = await api.GetAsync("/health/ready");

        ready.GetProperty("status").GetString().ShouldBe("healthy");
        ready.GetProperty("checks").EnumerateObject().Select(check => check.Name).ShouldBe(["store", "queue", "runtime", "worker", "generators"], ignoreOrder: true);
        ready.At("checks.generators.detail").GetString().ShouldBe("2 of 3 generators are usable.");
        Directory.EnumerateFiles(Path.Combine(api.DataDir, "store"), "*", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    [Fact]
    public async Task Readiness_runs_its_checks_once_for_many_requests_and_writes_nothing()
    {
        using var folder = new TemporaryFolder();
        var store = new HangingStore(new FileSystemObjectStore(folder.Path)) { Hangs = false };
        await using var api = Api.Empty(services => services.AddSingleton<IObjectStore>(store));
        await api.GetAsync("/health/ready");
        var once = store.Calls;

        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => api.GetAsync("/health/ready")));
        var many = store.Calls - once;
        api.Time.Shift += Readiness.Freshness;
        await api.GetAsync("/health/ready");

        many.ShouldBeLessThanOrEqualTo(once);
        store.Calls.ShouldBeGreaterThan(once);
        store.Writes.ShouldBe(0);
    }

    [Fact]
    public async Task Readiness_answers_while_the_store_hangs_and_accumulates_no_calls()
    {
        using var folder = new TemporaryFolder();
        var store = new HangingStore(new FileSystemObjectStore(folder.Path)) { Hangs = false };
        await using var api = Api.Empty(services => services.AddSingleton<IObjectStore>(store));
        await api.GetAsync("/health/live");
        store.Hangs = true;
        var before = store.Calls;

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => api.GetAsync("/health/ready", HttpStatusCode.ServiceUnavailable)));

        answers.ShouldAllBe(answer => answer.At("checks.store.status").GetString() == "unhealthy");
        (store.Calls - before).ShouldBeLessThanOrEqualTo(6);
    }

    [Fact]
    public async Task A_store_that_can_be_read_and_not_written_is_told_once_the_process_has_tried()
    {
        await using var api = Api.Empty();
        await api.GetAsync("/health/ready");
        var probe = api.Services.GetRequiredService<StoreProbe>();
        var health = Path.Combine(api.DataDir, "store", "health");
        await File.WriteAllTextAsync(health, "");
        await probe.RunAsync(CancellationToken.None);
        api.Time.Shift += Readiness.Freshness;

        var refused = await api.GetAsync("/health/ready", HttpStatusCode.ServiceUnavailable);
        File.Delete(health);
        await probe.RunAsync(CancellationToken.None);
        api.Time.Shift += Readiness.Freshness;
        var written = await api.GetAsync("/health/ready");

        refused.At("checks.store.detail").GetString()!.ShouldStartWith("It can be read and not be written: ");
        written.At("checks.store.detail").GetString().ShouldBe("It can be read and written.");
    }

    [Fact]
    public async Task Readiness_is_degraded_without_generators()
    {
        await using var none = Api.Empty();
        await using var missing = Api.Empty();
        await missing.GetAsync("/health/live");
        Directory.Delete(missing.GeneratorsDir);

        (await none.GetAsync("/health/ready")).At("checks.generators").GetRawText()
            .ShouldBe("""{"status":"degraded","detail":"0 of 0 generators are usable."}""");
        var ready = await missing.GetAsync("/health/ready");
        ready.GetProperty("status").GetString().ShouldBe("degraded");
        ready.At("checks.generators.detail").GetString()!.ShouldContain("does not exist");
    }

    [Fact]
    public async Task Readiness_tells_what_the_interpreter_lacks()
    {
        var runtime = new FakeRuntime { Status = new RuntimeStatus(null, "Python 3.13", ["cv2"]) };
        await using var api = Api.Empty(services => services.AddSingleton<IGeneratorRuntime>(runtime));
        api.AddGenerator("alpha");

        var lacking = await api.GetAsync("/health/ready");
        api.Time.Shift += Readiness.Freshness;
        runtime.Status = new RuntimeStatus("There is no Python here.", null, []);
        var without = await api.GetAsync("/health/ready", HttpStatusCode.ServiceUnavailable);

        lacking.At("checks.runtime").GetRawText()
            .ShouldBe("""{"status":"degraded","detail":"Python 3.13 lacks cv2: generators that need it cannot be used."}""");
        without.At("checks.runtime").GetRawText().ShouldBe("""{"status":"unhealthy","detail":"There is no Python here."}""");
    }

    [Fact]
    public async Task Readiness_is_bad_when_the_queue_or_the_store_is_gone()
    {
        await using var api = Api.Empty(services => services.AddSingleton<IBatchQueue>(new BrokenQueue(outOfReach: true)));
        await api.GetAsync("/health/live");
        var store = Path.Combine(api.DataDir, "store");
        Directory.Delete(store, recursive: true);
        await File.WriteAllTextAsync(store, "");
        await api.Services.GetRequiredService<StoreProbe>().RunAsync(CancellationToken.None);

        var ready = await api.GetAsync("/health/ready", HttpStatusCode.ServiceUnavailable);

        ready.GetProperty("status").GetString().ShouldBe("unhealthy");
        ready.At("checks.queue.status").GetString().ShouldBe("unhealthy");
        ready.At("checks.store.status").GetString().ShouldBe("unhealthy");
        ready.GetRawText().ShouldNotContain(BrokenQueue.Message);
        ready.GetRawText().ShouldNotContain(api.DataDir);
        await api.GetAsync("/health/live");
    }
}
