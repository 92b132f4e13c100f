using Microsoft.Extensions.Logging.Abstractions;
using VmDataset.Pipeline.Dispatch;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;
using VmDataset.Pipeline.Tests.DeadLetters;

namespace VmDataset.Pipeline.Tests.Dispatch;

public sealed class FailureBudgetTests : LocalStoreTests
{

    [Fact]
    public async Task A_job_continues_at_its_failure_budget_and_stops_beyond_it_with_the_reason()
    {
        var job = await CreateAsync(static job => job with { MaxFailedSamples = 5 });
        await DeadLetterAsync(job, "a", 0, 3);
        await DeadLetterAsync(job, "b", 0, 2);
        await Budget().CheckAsync(job.Id, Token);
        (await Log.ReadAsync(job.Id, Token)).Events.ShouldBeEmpty();

        await DeadLetterAsync(job, "b", 7, 1);
        await Budget().CheckAsync(job.Id, Token);
        await Budget().CheckAsync(job.Id, Token);

        var read = await Progress.ReadAsync(job, Token);
        read.State.ShouldBe(JobState.Failed);
        read.Ended.ShouldBeTrue();
        read.Control.Reason.ShouldBe("The failure budget is spent: 6 samples failed in their last try; max_failed_samples is 5.");
        read.Control.Events.Select(static each => (each.Type, each.Generator)).ShouldBe([(JobEventType.Stopped, null)]);
    }

    [Fact]
    public async Task A_budget_per_generator_stops_only_the_broken_one()
    {
        var job = await CreateAsync(static job => job with { MaxFailedPercent = 10, FailureBudgetPer = BudgetScope.Generator });
        await DeadLetterAsync(job, "a", 0, 10);
        await DeadLetterAsync(job, "b", 0, 11);
        await Budget().CheckAsync(job.Id, Token);

        var read = await Progress.ReadAsync(job, Token);
        read.State.ShouldBe(JobState.Submitting);
        read.Generators.Select(static generator => generator.State).ShouldBe([JobState.Submitting, JobState.Failed]);
        read.Control.For("b").Halt!.Reason!.ShouldContain("11 of 100 samples failed in their last try; max_failed_percent is 10.");
    }

    [Fact]
    public async Task A_retry_gets_the_whole_budget_again()
    {
        var job = await CreateAsync(static job => job with { MaxFailedSamples = 0 });
        await DeadLetterAsync(job, "a", 0, 1);
        await Budget().CheckAsync(job.Id, Token);
        await Log.AppendAsync(job.Id, _ => Log.Event(JobEventType.Retried), Token);
        await Budget().CheckAsync(job.Id, Token);
        (await Log.ReadAsync(job.Id, Token)).Events.Count.ShouldBe(2);

        await DeadLetterAsync(job, "a", 0, 1, generation: 2);
        await Budget().CheckAsync(job.Id, Token);
        (await Log.ReadAsync(job.Id, Token)).Events.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_generator_that_is_retried_alone_does_not_pay_for_the_others()
    {
        var job = await CreateAsync(static job => job with { MaxFailedSamples = 0 });
        await DeadLetterAsync(job, "a", 0, 1);
        await Budget().CheckAsync(job.Id, Token);
        await Log.AppendAsync(job.Id, _ => Log.Event(JobEventType.Retried) with { Generator = "b" }, Token);
        await Budget().CheckAsync(job.Id, Token);
        (await Log.ReadAsync(job.Id, Token)).For("b").Halt.ShouldBeNull();
    }

    [Fact]
    public async Task A_count_that_was_overtaken_by_a_retry_stops_nothing()
    {
        var job = await CreateAsync(static job => job with { MaxFailedSamples = 0 });
        await DeadLetterAsync(job, "a", 0, 1);
        var before = await Progress.ReadAsync(job, Token);
        await Log.AppendAsync(job.Id, _ => Log.Event(JobEventType.Retried), Token);
        await Budget().StopIfSpentAsync(job, before, Token);
        (await Log.ReadAsync(job.Id, Token)).Events.Select(static each => each.Type).ShouldBe([JobEventType.Retried]);
    }

    [Fact]
    public async Task A_failed_try_counts_until_the_sample_is_finished()
    {
        var job = await CreateAsync(static job => job with { MaxFailedSamples = 9 });
        await FailAsync(job, "a", 0, 10);
        await DoneAsync(job, "a", 0, 1);
        await Budget().CheckAsync(job.Id, Token);
        (await Log.ReadAsync(job.Id, Token)).Events.ShouldBeEmpty();
        await FailAsync(job, "a", 5, 6);
        await Budget().CheckAsync(job.Id, Token);
        (await Log.ReadAsync(job.Id, Token)).Reason!.ShouldContain("10 samples failed in their last try;");
    }

    [Fact]
    public async Task A_check_without_a_budget_or_without_a_job_stops_nothing()
    {
        var job = await CreateAsync(static job => job);
        await DeadLetterAsync(job, "a", 0, 99);
        await Budget().CheckAsync(job.Id, Token);
        await Budget().CheckAsync("adhoc-42", Token);
        (await Log.ReadAsync(job.Id, Token)).Events.ShouldBeEmpty();
    }

    private FailureBudget Budget() => new(Jobs, Progress, Log, TimeProvider.System, NullLogger<FailureBudget>.Instance);

    private Task<bool> FailAsync(Job job, string generator, int start, int count) =>
        Store.PutJsonAsync(ObjectKeys.Failed(job.Id, generator, new SampleRange(start, count)), new { }, cancellationToken: Token);

    private Task<bool> DoneAsync(Job job, string generator, int start, int count) =>
        Store.PutJsonAsync(ObjectKeys.Done(job.Id, generator, new SampleRange(start, count)), new string('x', Manifest.MinBytes), cancellationToken: Token);

    private Task<bool> DeadLetterAsync(Job job, string generator, int start, int count, int generation = 0) =>
        Store.PutJsonAsync(ObjectKeys.Dead(job.Id, generation, generator, new SampleRange(start, count)),
            new DeadRange { Reason = "It failed.", DiedAt = DateTimeOffset.UtcNow }, cancellationToken: Token);

    private async Task<Job> CreateAsync(Func<Job, Job> change)
    {
        var job = change(new Job
        {
            Id = JobId.New(DateTimeOffset.UtcNow),
            CreatedAt = DateTimeOffset.UtcNow,
            Generators = [new("a", null), new("b", null)],
            StartIndex = 0,
            Samples = 100,
            BatchSize = 10,
            Seed = 7,
            OutputFormat = OutputFormat.Files,
        });
        await Jobs.CreateAsync(job, Token);
        return job;
    }
}
