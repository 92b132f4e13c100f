using System.Text;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Ranges;
using VmDataset.Pipeline.Records;
using VmDataset.Pipeline.Storage;
using VmDataset.Worker.Batches;

namespace VmDataset.Worker.Tests.Batches;

/// <summary>Records that a power cut has left empty or cut short, as a worker meets them.</summary>
public sealed class UnreadableRecordTests
{
    private static readonly string Done = ObjectKeys.Done("job", "ok-generator", new SampleRange(0, 2));

    [Theory]
    [InlineData(OutputFormat.Files)]
    [InlineData(OutputFormat.WebDataset)]
    public async Task A_manifest_without_content_is_drawn_again_and_written_over(OutputFormat format)
    {
        await using var worker = new WorkerHarness();
        var message = WorkerHarness.Message("ok-generator", 0, 2, format: format);
        (await worker.ProcessAsync(message)).ShouldBe(BatchOutcome.Acknowledge);
        var before = await worker.DataAsync("job");
        await PutAsync(worker.Store, Done, "");

        (await worker.ProcessAsync(message)).ShouldBe(BatchOutcome.Acknowledge);

        (await worker.Store.GetJsonAsync<Manifest>(Done, TestContext.Current.CancellationToken))!.Samples.Count.ShouldBe(2);
        (await worker.DataAsync("job")).ShouldBe(before);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"re")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"reuse":false}""")]
    [InlineData("""{"reuse":false,"host":1}""")]
    [InlineData("""{"reuse":true,"host":3}""")]
    public async Task A_verdict_of_reuse_is_found_anew(string left)
    {
        await using var worker = new WorkerHarness();
        var generator = worker.Get<Pipeline.Generators.GeneratorCatalog>().Find("ok-generator")!;
        var key = ObjectKeys.Reuse($"{generator.Name}-{generator.Version}");
        await PutAsync(worker.Store, key, left);

        (await worker.ProcessAsync(WorkerHarness.Message("ok-generator", 0, 2))).ShouldBe(BatchOutcome.Acknowledge);

        (await worker.DoneAsync("job", "ok-generator")).SampleCount.ShouldBe(2);
        // The probe may go on for a moment after the batch.
        await Eventually.GetAsync(() => TextAsync(worker.Store, key), static text => text == """{"reuse":true,"keep":true,"host":5}""");
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"number\": 1")]
    public async Task The_messages_of_a_job_without_a_readable_log_are_dropped(string left)
    {
        await using var worker = new WorkerHarness();
        await PutAsync(worker.Store, ObjectKeys.Control("job", 1), left);
        await PutAsync(worker.Store, ObjectKeys.ControlPrefix("job") + ".DS_Store", "");

        (await worker.ProcessAsync(WorkerHarness.Message("ok-generator", 0, 2))).ShouldBe(BatchOutcome.Acknowledge);

        (await worker.KeysAsync("jobs/job/")).ShouldAllBe(static key => key.StartsWith("jobs/job/control/", StringComparison.Ordinal));
    }

    private static async Task<string> TextAsync(IObjectStore store, string key)
    {
        using var found = (await store.GetAsync(key, TestContext.Current.CancellationToken))!;
        using var reader = new StreamReader(found.Content);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    private static async Task PutAsync(IObjectStore store, string key, string text)
    {
        using var content = new MemoryStream(Encoding.UTF8.GetBytes(text));
        await store.PutAsync(key, content, cancellationToken: TestContext.Current.CancellationToken);
    }
}
