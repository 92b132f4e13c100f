using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using VmDataset.ControlPlane.Reconciliation;
using VmDataset.ControlPlane.Settings;
using VmDataset.Pipeline.Datasets;
using VmDataset.Pipeline.Local;

namespace VmDataset.ControlPlane.Tests.Reconciliation;

public sealed class ReconcileLoopTests : IAsyncDisposable
{
    private readonly Api _api = Api.Empty(Api.RemoveLoop);

    public ReconcileLoopTests() => _api.AddGenerator("alpha");

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task A_job_is_reconciled_when_its_last_message_has_left_the_queue_and_not_only_at_the_next_turn()
    {
        var stop = TestContext.Current.CancellationToken;
        using var loop = new ReconcileLoop(_api.Services.GetRequiredService<ReconcileScheduler>(), new BackendOptions(),
            NullLogger<ReconcileLoop>.Instance, _api.Services.GetRequiredService<SqliteBatchQueue>())
        { Interval = TimeSpan.FromHours(1) };
        await loop.StartAsync(stop);
        var job = await _api.SubmitAsync("""{"generators": ["alpha"], "samples": 1}""");
        await _api.FinishAsync(job, "alpha", 0, 1);
        var message = (await _api.Queue.ReceiveAsync(1, TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(30), [], stop)).Single();

        await _api.Queue.DeleteAsync(message, stop);

        var next = (await _api.Queue.ReceiveAsync(1, TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(30), [], stop)).ShouldHaveSingleItem();
        DatasetTask.Parse(next.Body)!.JobId.ShouldBe(job.Id);
        await loop.StopAsync(stop);
    }

    [Fact]
    public async Task A_job_in_which_nothing_moves_is_looked_at_less_often_until_something_does()
    {
        var job = await _api.SubmitAsync("""{"generators": ["alpha"], "samples": 100}""");
        (await PauseAsync()).ShouldBeLessThanOrEqualTo(TimeSpan.FromSeconds(10));

        _api.Time.Shift = TimeSpan.FromHours(1);
        (await PauseAsync()).ShouldBeGreaterThan(TimeSpan.FromSeconds(50));

        using var client = _api.Client();
        foreach (var verb in new[] { "pause", "resume" })
            (await client.PostAsync(new Uri($"/v1/jobs/{job.Id}/{verb}", UriKind.Relative), null)).EnsureSuccessStatusCode();
        (await PauseAsync()).ShouldBeLessThanOrEqualTo(TimeSpan.FromSeconds(10));

        async Task<TimeSpan> PauseAsync()
        {
            var stop = TestContext.Current.CancellationToken;
            var due = await _api.Services.GetRequiredService<JobReconciler>().ReconcileAsync(job.Id, job.CreatedAt, null, stop, stop);
            return due!.Value - _api.Time.GetUtcNow();
        }
    }
}
