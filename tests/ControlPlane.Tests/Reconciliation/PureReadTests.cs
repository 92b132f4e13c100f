using VmDataset.Pipeline.Jobs;

namespace VmDataset.ControlPlane.Tests.Reconciliation;

/// <summary>Requests that read cost a fixed number of LISTs and write nothing.</summary>
public sealed class PureReadTests : IAsyncDisposable
{
    private const string JobBody = """{"generators": ["alpha"], "samples": 20, "batch_size": 10}""";

    private readonly Api _api;
    private CountingStore? _counting;

    public PureReadTests()
    {
        // Without the loop: only the requests read.
        _api = Api.Empty(services =>
        {
            Api.WrapStore(services, store => _counting = new CountingStore(store));
            Api.RemoveLoop(services);
        });
        _api.AddGenerator("alpha");
    }

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task A_running_job_takes_four_LISTs_and_no_write()
    {
        var job = await RunningAsync();
        Store.Reset();

        (await _api.GetAsync($"/v1/jobs/{job.Id}")).GetProperty("state").GetString().ShouldBe("running");

        Store.Lists.ShouldBe([$"jobs/{job.Id}/control/", $"jobs/{job.Id}/sent/", $"jobs/{job.Id}/done/", $"jobs/{job.Id}/dead/"], ignoreOrder: true);
        Store.Writes.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_page_of_20_jobs_takes_four_LISTs_for_each_and_no_write()
    {
        for (var i = 0; i < 20; i++) await RunningAsync();
        Store.Reset();

        (await _api.GetAsync("/v1/jobs?limit=20")).GetProperty("items").GetArrayLength().ShouldBe(20);

        Store.Lists.Count(static prefix => prefix.StartsWith("jobs/", StringComparison.Ordinal)).ShouldBe(80);
        Store.Lists.Count.ShouldBe(81);
        Store.Writes.ShouldBeEmpty();
    }

    [Fact]
    public async Task Fifty_readers_of_one_job_at_the_same_time_take_as_many_LISTs_as_one()
    {
        var job = await RunningAsync();
        Store.Reset();
        Store.Delay = TimeSpan.FromSeconds(1);

        var views = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => _api.GetAsync($"/v1/jobs/{job.Id}")));

        views.ShouldAllBe(static view => view.At("samples.done").GetInt32() == 10);
        Store.Lists.Count.ShouldBe(4);
    }

    [Fact]
    public async Task A_reading_that_hangs_and_was_given_up_is_not_shared_with_later_readers()
    {
        var job = await RunningAsync();
        Store.Reset();
        Store.Delay = TimeSpan.FromHours(1);
        using var client = _api.Client();
        var url = new Uri($"/v1/jobs/{job.Id}", UriKind.Relative);
        using (var patience = new CancellationTokenSource())
        {
            var first = client.GetAsync(url, patience.Token);
            await Eventually.BeTrueAsync(() => Task.FromResult(Store.Lists.Count == 4));
            await patience.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(() => first);
        }

        Store.Delay = TimeSpan.Zero;

        await Eventually.BeTrueAsync(async () =>
        {
            // The server notices a moment later that its client is gone.
            using var moment = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            try
            {
                using var answer = await client.GetAsync(url, moment.Token);
                return answer.IsSuccessStatusCode;
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        });
    }

    [Theory]
    [InlineData("samples")]
    [InlineData("batches")]
    [InlineData("failures")]
    [InlineData("quality")]
    public async Task Every_other_view_of_a_job_writes_nothing(string view)
    {
        var job = await RunningAsync();
        Store.Reset();

        await _api.GetAsync($"/v1/jobs/{job.Id}/{view}");

        Store.Writes.ShouldBeEmpty();
    }

    private CountingStore Store => _counting!;

    private async Task<Job> RunningAsync()
    {
        var job = await _api.SubmitAsync(JobBody);
        await _api.FinishAsync(job, "alpha", 0, 10);
        return job;
    }
}
