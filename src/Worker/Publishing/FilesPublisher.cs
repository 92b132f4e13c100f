using VmDataset.Worker.Samples;

namespace VmDataset.Worker.Publishing;

/// <summary>The <c>files</c> format: each sample goes to the store as soon as it is drawn.</summary>
/// <param name="failed">Told of a sample whose files are not what was read.</param>
internal sealed class FilesPublisher(BatchMessage message, IObjectStore store, Action<SampleFailure> failed) : IRangePublisher
{
    private readonly ConcurrentBag<(string Domain, SampleRecord Record)> _published = [];

    public Task WaitForRoomAsync(int index, CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task AddAsync(Sample sample, CancellationToken cancellationToken)
    {
        try
        {
            // The store takes files by their path and may move them, which must not lead through a link; all before the first, so that no
            // part of a sample is stored.
            foreach (var file in sample.Record.Files) sample.Open(file).Dispose();
            await Task.WhenAll(sample.Record.Files.Select(file => PutAsync(sample, file, cancellationToken)));
        }
        catch (InvalidSampleException invalid)
        {
            failed(new SampleFailure(sample.Record.Index, invalid.Kind, invalid.Message));
            return;
        }
        finally
        {
            Scratch.DeleteSoon(sample.Work);
        }

        _published.Add((sample.Domain, sample.Record));
    }

    public Task SkipAsync(int index, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<IReadOnlyList<FinishedRun>> CompleteAsync(CancellationToken cancellationToken)
    {
        List<(string Domain, List<SampleRecord> Samples)> runs = [];
        foreach (var (domain, record) in _published.OrderBy(static sample => sample.Record.Index))
        {
            if (runs.Count > 0 && runs[^1].Domain == domain && runs[^1].Samples[^1].Index + 1 == record.Index) runs[^1].Samples.Add(record);
            else runs.Add((domain, [record]));
        }

        return Task.FromResult<IReadOnlyList<FinishedRun>>(
            [.. runs.Select(static run => new FinishedRun(run.Domain, run.Samples, OutputFormat.Files, null))]);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private Task PutAsync(Sample sample, SampleFileRecord file, CancellationToken cancellationToken) => store.PutFileAsync(
        ObjectKeys.SampleFile(message.JobId, message.Generator, sample.Domain, sample.Record.Index, file.Name), sample.PathOf(file),
            cancellationToken);
}
