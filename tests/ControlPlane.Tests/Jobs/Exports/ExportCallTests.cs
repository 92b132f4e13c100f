using System.Net;
using VmDataset.ControlPlane.Tests.Datasets;
using VmDataset.ControlPlane.Tests.Reconciliation;

namespace VmDataset.ControlPlane.Tests.Jobs.Exports;

/// <summary>What exports cost the store.</summary>
public sealed class ExportCallTests
{
    [Fact]
    public async Task An_export_writes_its_files_and_two_records_and_lists_each_generator_once()
    {
        CountingStore? store = null;
        await using var api = Api.Empty(services =>
        {
            Api.WrapStore(services, inner => store = new CountingStore(inner));
            Api.RemoveLoop(services);  // its passes are not counted
        });
        api.AddGenerator("alpha");
        api.AddGenerator("beta");
        var job = await api.DrawnAsync(DrawnJobs.FilesBody, size: 1);
        // Whole passes, of which none is left to be counted: the first has the dataset written, the second is the job's last.
        await api.PassAsync(job.Id);
        await api.PassAsync(job.Id);

        store!.Reset();
        await api.PostExportAsync(job, """{"profile": "finetrainers"}""", HttpStatusCode.Accepted);
        await api.MakeExportsAsync();

        var folder = $"jobs/{job.Id}/exports/finetrainers";
        store.Writes.Where(key => key.StartsWith($"jobs/{job.Id}/", StringComparison.Ordinal)).ShouldBe([$"{folder}/request.json", $"jobs/{job.Id}/data/exports/finetrainers/prompt.txt",
            $"jobs/{job.Id}/data/exports/finetrainers/videos.txt", $"{folder}/result.json"]);
        store.Lists.Count(prefix => prefix == $"jobs/{job.Id}/done/beta/").ShouldBe(1);
        // The job's progress is read before the rows and behind them, however many samples there are.
        store.Lists.Count.ShouldBeLessThanOrEqualTo(20, string.Join(' ', store.Lists));

        store.Reset();
        await api.PostExportAsync(job, """{"profile": "finetrainers"}""", HttpStatusCode.OK);
        await api.ExportsAsync(job);
        store.Writes.ShouldNotContain(key => key.StartsWith($"jobs/{job.Id}/", StringComparison.Ordinal));
    }
}
