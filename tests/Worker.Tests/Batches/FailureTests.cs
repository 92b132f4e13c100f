using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;
using VmDataset.Worker.Batches;
using VmDataset.Worker.Samples;

namespace VmDataset.Worker.Tests.Batches;

/// <summary>Generators that fail for every seed with <c>seed % 5 == 3</c>: here the indices 3 and 8 of 10.</summary>
public class FailureTests
{
    private static readonly RangeSet Failing = RangeSet.Of(new SampleRange(3, 1), new SampleRange(8, 1));

    [Theory]
    [InlineData("raises-generator", FailureKind.Raised, "ValueError: no puzzle for seed 1003")]
    [InlineData("exits-generator", FailureKind.Exited, "exited with code")]
    [InlineData("killed-generator", FailureKind.Killed, "SIGKILL; probably it used too much memory")]
    [InlineData("endless-generator", FailureKind.TimedOut, "took longer than 1.5 s")]
    [InlineData("no-output-generator", FailureKind.NoOutput, "wrote no <domain>_task")]
    [InlineData("several-samples-generator", FailureKind.NoOutput, "asked for 1 sample and wrote 2")]
    [InlineData("bad-png-generator", FailureKind.InvalidOutput, "first_frame.png:")]
    [InlineData("empty-prompt-generator", FailureKind.InvalidOutput, "prompt.txt: it is empty")]
    public async Task A_sample_fails_alone_three_times_and_then_rests_with_its_error(string generator, FailureKind kind, string phrase)
    {
        await using var worker = new WorkerHarness(sampleTimeout: TimeSpan.FromSeconds(1.5));
        await worker.Queue.SendAsync([new(WorkerHarness.Message(generator, 0, 10).ToJson(), "job")]);
        await worker.DrainAsync();

        (await worker.DoneAsync("job", generator)).ShouldBe(RangeSet.Of(new SampleRange(0, 10)).Subtract(Failing));
        var records = await Task.WhenAll(Failing.Select(range => worker.Store.GetJsonAsync<FailureRecord>(ObjectKeys.Failed("job", generator, range))));
        foreach (var record in records)
        {
            record.ShouldNotBeNull();
            record.Attempt.ShouldBe(3);
            record.Kind.ShouldBe(kind);
            record.Worker.ShouldBe($"{Environment.MachineName}:{Environment.ProcessId}");
        }

        records[0]!.Message.ShouldContain(phrase);
        if (kind == FailureKind.Raised) records[0]!.Traceback.ShouldNotBeNull().ShouldContain("generate.py");
        (await worker.KeysAsync("jobs/job/dead/")).ShouldBe(Failing.Select(range => ObjectKeys.Dead("job", 0, generator, range)));
        var deadLetters = await worker.Queue.DeadLetters.PeekAsync(10);
        deadLetters.Select(static deadLetter => BatchMessageParser.Parse(deadLetter.Body).Message!.Range).ShouldBe(Failing, ignoreOrder: true);
        (await worker.Queue.GetDepthAsync()).ShouldBe(new(0, 0, 2));
    }

    [Theory]
    [InlineData("noisy-generator")]
    [InlineData("leaky-generator")]
    [InlineData("forking-generator")]
    [InlineData("folder-deleter-generator")]
    public async Task Bad_manners_that_harm_no_sample_are_survived(string generator)
    {
        await using var worker = new WorkerHarness();
        await worker.Queue.SendAsync([new(WorkerHarness.Message(generator, 0, 10).ToJson(), "job")]);
        await worker.DrainAsync();
        (await worker.DoneAsync("job", generator)).ShouldBe([new SampleRange(0, 10)]);
        Directory.Exists(Path.Combine(WorkerHarness.TestGenerators, generator)).ShouldBeTrue();
    }

    [Fact]
    public async Task Samples_that_fail_alike_side_by_side_go_on_as_one_message()
    {
        await using var worker = new WorkerHarness();
        var failures = worker.Get<FailureHandler>();
        SampleFailure Failure(int index, FailureKind kind) => new(index, kind, $"about {index}");
        await failures.SendOnAsync(WorkerHarness.Message("ok-generator", 0, 10),
            [Failure(5, FailureKind.Raised), Failure(2, FailureKind.Raised), Failure(1, FailureKind.Raised), Failure(3, FailureKind.Killed)]);
        var sent = await worker.Queue.ReceiveAsync(10, TimeSpan.FromMinutes(1), TimeSpan.Zero);
        sent.Select(static leased => BatchMessageParser.Parse(leased.Body).Message!).Select(static message => (message.Range, message.Attempt))
            .ShouldBe([(new(1, 2), 2), (new(3, 1), 2), (new(5, 1), 2)]);
        (await worker.Store.GetJsonAsync<FailureRecord>("jobs/job/failed/ok-generator/00000001-2.json"))!.Message.ShouldBe("about 1");
    }
}
