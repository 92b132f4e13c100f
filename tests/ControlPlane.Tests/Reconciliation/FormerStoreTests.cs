using System.Formats.Tar;
using System.IO.Compression;
using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using VmDataset.ControlPlane.Tests.Datasets;
using VmDataset.ControlPlane.Tests.Webhooks;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Records;

namespace VmDataset.ControlPlane.Tests.Reconciliation;

/// <summary>
/// A data folder of the version that kept a marker for each job's dataset and one for its webhook, killed in the middle of its work. It holds a job
/// that ended with its dataset, a paused one, a running one with a webhook, and a cancelled one without its dataset.
/// </summary>
public sealed class FormerStoreTests : IAsyncDisposable
{
    private const string Ended = "20261128-081042-3d899973";
    private const string Paused = "20261128-081058-e4a90cab";
    private const string Running = "20261128-081059-a34a5ab5";
    private const string Cancelled = "20261128-081059-5b88042a";

    private readonly Api _api = Api.Empty(settings: Hooked.Settings);

    public FormerStoreTests()
    {
        Directory.CreateDirectory(_api.DataDir);
        using var file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Reconciliation", "stores", "two-markers.tar.gz"));
        using var tar = new GZipStream(file, CompressionMode.Decompress);
        TarFile.ExtractToDirectory(tar, _api.DataDir, overwriteFiles: false);
    }

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task A_former_store_is_taken_over_with_every_job_as_it_stood()
    {
        var jobs = (await _api.GetAsync("/v1/jobs")).GetProperty("items").EnumerateArray()
            .ToDictionary(static job => job.GetProperty("id").GetString()!, static job => job.GetProperty("state").GetString());

        jobs.ShouldBe(new Dictionary<string, string?> { [Ended] = "succeeded", [Paused] = "paused", [Running] = "running", [Cancelled] = "cancelled" }, ignoreOrder: true);
        (await _api.GetAsync($"/v1/jobs/{Ended}")).At("dataset.state").GetString().ShouldBe("ready");
    }

    [Fact]
    public async Task A_former_stores_jobs_go_on_to_their_datasets_and_webhooks()
    {
        await DatasetIsReadyAsync(Cancelled);
        var running = await JobAsync(Running);
        await _api.Store.DrawAsync(running, "ok-generator", 0, 4);

        await DatasetIsReadyAsync(Running);
        await Eventually.GetAsync(() => _api.WebhookAsync(running), static webhook => Hooked.Attempts(webhook).Count > 0);
        using var client = _api.Client();
        (await client.PostAsync(new Uri($"/v1/jobs/{Paused}/resume", UriKind.Relative), null)).StatusCode.ShouldBe(HttpStatusCode.OK);
        await _api.Store.DrawAsync(await JobAsync(Paused), "ok-generator", 0, 4);
        await DatasetIsReadyAsync(Paused);

        foreach (var former in new[] { "datasets", "webhooks" })
            Directory.EnumerateFiles(Path.Combine(_api.DataDir, "store", former)).ShouldBeEmpty();
    }

    private async Task<Job> JobAsync(string id) => (await _api.Services.GetRequiredService<JobStore>().FindAsync(id))!;

    private Task<JsonElement> DatasetIsReadyAsync(string id) => Eventually.GetAsync(
        async () =>
        {
            await _api.ReconcileAsync();
            return await _api.GetAsync($"/v1/jobs/{id}");
        },
        static job => job.At("dataset.state").GetString() == "ready");
}
