using VmDataset.Pipeline.Jobs;
using VmDataset.Worker.Publishing;
using VmDataset.Worker.Samples;
using VmDataset.Worker.Tests.Samples;

namespace VmDataset.Worker.Tests.Publishing;

public sealed class FilesPublisherTests : IDisposable
{
    private readonly OutputFolder _output = new();

    public void Dispose() => _output.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_path_that_became_a_link_after_its_reading_is_not_moved_into_the_store(bool folder)
    {
        await using var worker = new WorkerHarness();
        List<SampleFailure> failures = [];
        await using var publisher = new FilesPublisher(WorkerHarness.Message("ok-generator", 42, 1), worker.Store, failures.Add);
        var sample = _output.Read();
        var (link, foreign) = folder ? (_output.Sample, _output.Beside("foreign")) : (_output.PathOf("metadata.json"), _output.Beside("foreign.json"));
        Directory.Move(link, foreign);
        File.CreateSymbolicLink(link, foreign);

        await publisher.AddAsync(sample, TestContext.Current.CancellationToken);

        var failure = failures.ShouldHaveSingleItem();
        (failure.Index, failure.Kind).ShouldBe((42, FailureKind.InvalidOutput));
        failure.Message.ShouldStartWith(folder ? "first_frame.png: it could not be read" : "metadata.json: it is a link");
        (await publisher.CompleteAsync(TestContext.Current.CancellationToken)).ShouldBeEmpty();
        (await worker.KeysAsync("jobs/job/data/")).ShouldBeEmpty();
        (folder ? Directory.EnumerateFiles(foreign).Count() : File.ReadAllText(foreign).Length).ShouldBeGreaterThan(2);
        Directory.Exists(_output.Work).ShouldBeFalse();
    }
}
