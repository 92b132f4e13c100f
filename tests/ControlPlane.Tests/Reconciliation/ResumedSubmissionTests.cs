using VmDataset.Pipeline.Jobs;

namespace VmDataset.ControlPlane.Tests.Reconciliation;

public sealed class ResumedSubmissionTests : IAsyncDisposable
{
    private static readonly TimeSpan LongAgo = TimeSpan.FromHours(1);
    private readonly Api _api = new();

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_pass_completes_a_dispatch_that_died_exactly(int sent)
    {
        var job = await _api.HalfSubmitAsync(sent, LongAgo);

        await _api.PassAsync(job.Id);

        var view = await _api.GetAsync($"/v1/jobs/{job.Id}");

        view.GetProperty("state").GetString().ShouldBe("running");
        await EveryBatchIsThereOnceAsync(job);
    }

    [Fact]
    public async Task A_submission_that_may_be_alive_is_left_alone()
    {
        var job = await _api.HalfSubmitAsync(3, TimeSpan.Zero);

        await _api.PassAsync(job.Id);

        var view = await _api.GetAsync($"/v1/jobs/{job.Id}");

        view.GetProperty("state").GetString().ShouldBe("submitting");
        (await _api.DrainAsync()).Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_start_completes_it_at_once()
    {
        var job = await _api.HalfSubmitAsync(3, TimeSpan.Zero);

        await _api.RestartAsync();

        await Eventually.BeTrueAsync(async () => (await _api.Queue.GetDepthAsync())!.Queued == job.Generators.Sum(each => job.Range(each).Split(job.BatchSize).Count()));
        await EveryBatchIsThereOnceAsync(job);
    }

    [Fact]
    public async Task Messages_leased_by_a_killed_process_are_queued_again_after_a_start()
    {
        await _api.SubmitAsync("""{"generators": ["alpha"], "samples": 30, "batch_size": 10}""");
        await _api.Queue.ReceiveAsync(2, TimeSpan.FromHours(1), TimeSpan.Zero);

        await _api.RestartAsync();

        (await _api.GetAsync("/v1/queue")).GetRawText().ShouldBe("""{"queued":3,"in_flight":0,"dead":0}""");
    }

    private async Task EveryBatchIsThereOnceAsync(Job job)
    {
        var messages = await _api.DrainAsync();
        messages.Select(message => (message.Generator, message.Range)).ShouldBe(
            from generator in job.Generators
            from range in job.Range(generator).Split(job.BatchSize)
            select (generator.Name, range), ignoreOrder: true);
        messages.ShouldAllBe(message => message.JobId == job.Id && message.Seed == job.Seed);
    }
}
