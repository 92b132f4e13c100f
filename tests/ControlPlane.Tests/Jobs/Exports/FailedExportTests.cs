using System.Net;
using Microsoft.Extensions.DependencyInjection;
using VmDataset.ControlPlane.Tests.Datasets;
using VmDataset.Pipeline.Exports;
using VmDataset.Pipeline.Storage;
using VmDataset.Worker.Exports;
using VmDataset.Worker.Options;

namespace VmDataset.ControlPlane.Tests.Jobs.Exports;

/// <summary>Exports whose files cannot be stored.</summary>
public sealed class FailedExportTests
{
    [Fact]
    public async Task An_export_that_fails_at_each_try_says_why_and_is_tried_again_on_request()
    {
        RefusingStore? store = null;
        await using var api = Api.Empty(services => Api.WrapStore(services, inner => store = new RefusingStore(inner)));
        api.AddGenerator("alpha");
        api.AddGenerator("beta");
        var job = await api.DrawnAsync(DrawnJobs.FilesBody);
        await api.DatasetAsync(job);
        await api.PostExportAsync(job, """{"profile": "diffsynth"}""", HttpStatusCode.Accepted);
        var message = (await api.Queue.ReceiveAsync(10, TimeSpan.FromMinutes(5), TimeSpan.Zero)).Single(static each => ExportTask.Parse(each.Body) is not null);
        var options = new WorkerOptions { ScratchDir = "", StateDir = "" };
        var processor = ActivatorUtilities.CreateInstance<ExportTaskProcessor>(api.Services, options);
        var task = ExportTask.Parse(message.Body)!;

        store!.Refuses = true;
        (await processor.ProcessAsync(message, task, default)).RetryAfter.ShouldNotBeNull();
        (await api.ExportsAsync(job)).ShouldHaveSingleItem().GetProperty("state").GetString().ShouldBe("pending");
        (await processor.ProcessAsync(message with { ReceiveCount = options.MaxReceives }, task, default)).RetryAfter.ShouldBeNull();
        var failed = (await api.ExportsAsync(job)).ShouldHaveSingleItem();
        failed.GetProperty("state").GetString().ShouldBe("failed");
        failed.GetProperty("problem").GetString()!.ShouldContain("The store is full");

        store.Refuses = false;
        api.Time.Shift += TimeSpan.FromSeconds(1);
        (await api.PostExportAsync(job, """{"profile": "diffsynth"}""", HttpStatusCode.Accepted)).GetProperty("state").GetString().ShouldBe("pending");
        (await api.MakeExportsAsync()).ShouldBe(1);
        (await api.ExportsAsync(job)).ShouldHaveSingleItem().GetProperty("state").GetString().ShouldBe("ready");
    }

    private sealed class RefusingStore(IObjectStore inner) : ForwardingStore(inner)
    {
        public bool Refuses { get; set; }

        public override Task PutFileAsync(string key, string path, CancellationToken cancellationToken = default) =>
            Refuses ? throw new IOException("The store is full.") : base.PutFileAsync(key, path, cancellationToken);
    }
}
