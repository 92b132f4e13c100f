using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using VmDataset.ControlPlane.Datasets;
using VmDataset.ControlPlane.Reconciliation;
using VmDataset.Pipeline.Datasets;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Queue;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;
using VmDataset.Worker.Batches;
using VmDataset.Worker.Datasets;
using VmDataset.Worker.Options;

namespace VmDataset.ControlPlane.Tests.Datasets;

/// <summary>When a dataset is written, by whom, and how often.</summary>
public sealed class DatasetTests
{
    [Fact]
    public async Task A_job_without_an_end_has_none_yet()
    {
        await using var api = new Api();
        var job = await api.SubmitAsync(DrawnJobs.FilesBody);
        await api.Store.DrawAsync(job, "beta", 0, 5);
        await api.ReconcileAsync();

        (await api.GetAsync($"/v1/jobs/{job.Id}")).At("dataset.state").GetString().ShouldBe("pending");
        (await api.Store.FilesAsync(job)).Keys.ShouldNotContain("metadata.jsonl");
        var problem = await api.GetAsync($"/v1/jobs/{job.Id}/download", HttpStatusCode.Conflict);
        problem.GetProperty("detail").GetString()!.ShouldContain("pending and the job running");
    }

    [Fact]
    public async Task A_datasets_bytes_depend_only_on_the_request_and_the_samples()
    {
        await using var api = new Api();
        var first = await api.DrawnAsync(DrawnJobs.FilesBody, size: 5);
        await api.DatasetAsync(first);
        api.Time.Shift = TimeSpan.FromDays(3);
        var second = await api.DrawnAsync(DrawnJobs.FilesBody.Replace("\"batch_size\": 5", "\"batch_size\": 2", StringComparison.Ordinal), size: 2);
        // The same ranges again, as a second worker might have cut them.
        await api.Store.DrawAsync(second, "alpha", 3, 4);
        await api.DatasetAsync(second);

        var (a, b) = (await api.Store.FilesAsync(first), await api.Store.FilesAsync(second));
        b.Keys.ShouldBe(a.Keys);
        foreach (var (name, content) in a) b[name].ShouldBe(content, name);
        DrawnJobs.Names.ShouldBeSubsetOf(a.Keys);
    }

    [Fact]
    public async Task A_retry_has_it_written_anew()
    {
        await using var api = new Api();
        var job = await api.SubmitAsync("""{"generators": ["beta"], "samples": 10, "seed": 7, "batch_size": 5}""");
        await api.Store.DrawAsync(job, "beta", 0, 5);
        await api.DeadLetterAsync(job, "beta", 5, 5);
        var dataset = await api.DatasetAsync(job);
        dataset.GetProperty("samples").GetInt32().ShouldBe(5);
        (await api.Store.FilesAsync(job)).Text("README.md").ShouldContain("- beta: 5, indices 5 to 9\n");

        using var client = api.Client();
        (await client.PostAsync(new Uri($"/v1/jobs/{job.Id}/retry", UriKind.Relative), null)).StatusCode.ShouldBe(HttpStatusCode.Accepted);
        (await api.DatasetAsync(job, "pending")).TryGetProperty("files", out _).ShouldBeFalse();
        await api.Store.DrawAsync(job, "beta", 5, 5);

        (await api.DatasetAsync(job)).GetProperty("samples").GetInt32().ShouldBe(10);
        (await api.Store.FilesAsync(job)).Rows().Count.ShouldBe(10);
    }

    [Fact]
    public async Task A_cancelled_jobs_dataset_holds_everything_that_was_drawn()
    {
        await using var api = new Api();
        var job = await api.SubmitAsync(DrawnJobs.FilesBody);
        await api.Store.DrawAsync(job, "beta", 0, 5);
        using var client = api.Client();
        (await client.PostAsync(new Uri($"/v1/jobs/{job.Id}/cancel", UriKind.Relative), null)).StatusCode.ShouldBe(HttpStatusCode.OK);
        await api.ReconcileAsync();
        (await api.Store.GetAsync(ObjectKeys.Dataset(job.Id))).ShouldBeNull("workers may still store what they have drawn");

        api.Time.Shift = TimeSpan.FromMinutes(1);
        (await api.DatasetAsync(job)).GetProperty("samples").GetInt32().ShouldBe(5);
        await api.Store.DrawAsync(job, "alpha", 0, 2);

        (await api.DatasetAsync(job, "ready")).GetProperty("samples").GetInt32().ShouldBe(7);
    }

    [Fact]
    public async Task A_range_that_is_stored_once_more_after_the_last_pass_has_it_written_anew()
    {
        await using var api = Api.Empty(Api.RemoveLoop);
        api.AddGenerator("alpha");
        api.AddGenerator("beta");
        var job = await api.DrawnAsync(DrawnJobs.FilesBody);
        await api.PassAsync(job.Id);
        await api.PassAsync(job.Id);
        (await api.Store.GetAsync(ObjectKeys.Pending(job.Id))).ShouldBeNull();
        var key = ObjectKeys.Done(job.Id, "beta", new SampleRange(5, 5));
        var manifest = (await api.Store.GetJsonAsync<Manifest>(key))!;
        var clock = Encoding.UTF8.GetBytes("another time");
        var sample = manifest.Samples[0];
        await api.Store.PutAsync(ObjectKeys.SampleFile(job.Id, "beta", "shape", 5, "prompt.txt"), new MemoryStream(clock));
        await api.Store.PutJsonAsync(key, manifest with
        {
            Samples = [sample with { Files = [.. sample.Files.Where(static file => file.Name != "prompt.txt"), new SampleFileRecord("prompt.txt", clock.Length, DrawnJobs.Hex(clock))] }, .. manifest.Samples.Skip(1)],
        });

        (await api.GetAsync($"/v1/jobs/{job.Id}")).At("dataset.state").GetString().ShouldBe("writing");
        await api.DatasetAsync(job);
        (await api.Store.FilesAsync(job)).Text("SHA256SUMS").ShouldContain($"{DrawnJobs.Hex(clock)}  beta/shape_task/shape_00000005/prompt.txt\n");
    }

    [Fact]
    public async Task Samples_stored_while_their_job_is_deleted_are_removed_too()
    {
        await using var api = new Api();
        var job = await api.DrawnAsync(DrawnJobs.FilesBody);
        using var client = api.Client();
        (await client.DeleteAsync(new Uri($"/v1/jobs/{job.Id}", UriKind.Relative))).IsSuccessStatusCode.ShouldBeTrue();
        await api.Store.DrawAsync(job, "beta", 0, 5);
        await api.Services.GetRequiredService<PendingJobs>().MarkAsync(job.Id, TestContext.Current.CancellationToken);

        await Eventually.BeTrueAsync(async () =>
        {
            await api.ReconcileAsync();
            return await api.Store.GetAsync(ObjectKeys.Pending(job.Id)) is null;
        });
        (await api.Store.ListAsync(ObjectKeys.DonePrefix(job.Id)).CountAsync()).ShouldBe(0);
        (await api.Store.FilesAsync(job)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_deleted_job_gets_none()
    {
        await using var api = new Api();
        var job = await api.DrawnAsync(DrawnJobs.FilesBody);
        using var client = api.Client();
        (await client.DeleteAsync(new Uri($"/v1/jobs/{job.Id}", UriKind.Relative))).IsSuccessStatusCode.ShouldBeTrue();

        await Eventually.BeTrueAsync(async () =>
        {
            await api.ReconcileAsync();
            return await api.Store.GetAsync(ObjectKeys.Pending(job.Id)) is null;
        });
        (await api.Store.FilesAsync(job)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_writer_that_fails_in_the_middle_is_followed_by_another()
    {
        FailingStore? failing = null;
        await using var api = Api.Empty(services => Api.WrapStore(services, store => failing = new FailingStore(store, "/data/README.md")));
        api.AddGenerator("alpha");
        api.AddGenerator("beta");
        var job = await api.DrawnAsync(DrawnJobs.FilesBody);
        await Eventually.BeTrueAsync(async () =>
        {
            await api.ReconcileAsync();
            return failing!.Failures == 1;
        });
        (await api.GetAsync($"/v1/jobs/{job.Id}")).At("dataset.state").GetString().ShouldNotBe("ready");

        api.Time.Shift = TimeSpan.FromMinutes(1);
        await api.DatasetAsync(job);
        (await api.Store.FilesAsync(job)).Keys.ShouldContain("README.md");
    }

    [Fact]
    public async Task Workers_that_write_one_dataset_at_the_same_time_do_no_harm()
    {
        await using var api = new Api();
        var job = await api.DrawnAsync(DrawnJobs.FilesBody);
        await SentAsync(api, job);

        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => api.Services.WriteDatasetAsync(job.Id)));

        var record = await api.Services.GetRequiredService<DatasetStore>().FindAsync(job.Id, TestContext.Current.CancellationToken);
        var stored = await api.Store.FilesAsync(job);
        foreach (var file in record!.Files) DrawnJobs.Hex(stored[file.Path]).ShouldBe(file.Sha256, file.Path);
    }

    [Fact]
    public async Task A_message_is_sent_once_and_again_when_it_seems_lost()
    {
        // Nothing else may reconcile the job: a pass that reads the clock after its shift would find the message lost too.
        await using var api = Api.Empty(Api.RemoveLoop);
        api.AddGenerator("alpha");
        api.AddGenerator("beta");
        var job = await api.DrawnAsync(DrawnJobs.FilesBody);
        var read = await api.Services.GetRequiredService<ProgressReader>().ReadAsync(job, Token);
        var dispatcher = api.Services.GetRequiredService<DatasetDispatcher>();
        var before = await QueuedAsync();

        (await dispatcher.DispatchAsync(job, read, Token)).ShouldBeFalse();
        (await QueuedAsync()).ShouldBe(before + 1);
        (await dispatcher.DispatchAsync(job, read, Token)).ShouldBeFalse();
        (await QueuedAsync()).ShouldBe(before + 1);
        api.Time.Shift = DatasetDispatcher.Patience + TimeSpan.FromSeconds(1);
        (await dispatcher.DispatchAsync(job, read, Token)).ShouldBeFalse();
        (await QueuedAsync()).ShouldBe(before + 2);

        async Task<long> QueuedAsync() => (await api.Queue.GetDepthAsync(job.Id, Token))!.Queued;
    }

    [Fact]
    public async Task A_message_from_before_a_retry_writes_nothing()
    {
        await using var api = new Api();
        var job = await api.DrawnAsync(DrawnJobs.FilesBody);
        var processor = ActivatorUtilities.CreateInstance<DatasetTaskProcessor>(api.Services, ActivatorUtilities.CreateInstance<ShardJoiner>(api.Services), new WorkerOptions { ScratchDir = "", StateDir = "" });
        var task = new DatasetTask(job.Id, DatasetPart.Of(job)[0].Id, Events: 1);

        (await processor.ProcessAsync(new LeasedMessage(task.ToJson(), job.Id, 1, "handle"), task, default)).ShouldBe(BatchOutcome.Acknowledge);

        (await api.Store.FilesAsync(job)).Keys.ShouldNotContain("README.md");
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Waits until the dataset's messages are on the queue.</summary>
    private static Task SentAsync(Api api, Job job) => Eventually.BeTrueAsync(async () =>
    {
        await api.Services.GetRequiredService<ReconcileScheduler>().RunAsync(Token);
        return await api.Store.GetAsync(ObjectKeys.DatasetDispatch(job.Id), Token) is not null;
    });

    /// <summary>A store that fails once, at one file.</summary>
    private sealed class FailingStore(IObjectStore inner, string ending) : ForwardingStore(inner)
    {
        public int Failures { get; private set; }

        public override Task PutFileAsync(string key, string path, CancellationToken cancellationToken = default)
        {
            if (!key.EndsWith(ending, StringComparison.Ordinal) || Failures++ > 0) return base.PutFileAsync(key, path, cancellationToken);
            throw new IOException("The store is out of reach.");
        }
    }
}
