using VmDataset.Worker.Samples;

namespace VmDataset.Worker.Publishing;

/// <summary>The <c>files</c> format: each sample goes to the store as soon as it is drawn.</summary>
/// <param name="failed">Gets each sample whose files changed after they were read.</param>
internal sealed class FilesPublisher(BatchMessage message, IObjectStore store, Action<SampleFailure> failed) : IRangePublisher
{
    private readonly ConcurrentQueue<(string Domain, SampleRecord Record)> _published = new();

    public long PendingBytes => 0;

    public Task WaitForRoomAsync(int index, CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task AddAsync(Sample sample, CancellationToken cancellationToken)
    {
        try
        {
            // The store takes files by path, which must not lead through a link. All are opened first: no part of a sample is stored.
            using (var folder = sample.OpenFolder())
                foreach (var file in sample.Record.Files) sample.Open(folder, file).Dispose();
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

        _published.Enqueue((sample.Domain, sample.Record));
    }

    public Task SkipAsync(int index, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<IReadOnlyList<FinishedRun>> TakeFinishedAsync(CancellationToken cancellationToken)
    {
        var runs = Runs();
        // Samples behind one that is still drawn join it in the next run, so that manifests stay few.
        foreach (var (domain, samples) in runs.Skip(1))
            foreach (var record in samples) _published.Enqueue((domain, record));
        return Task.FromResult<IReadOnlyList<FinishedRun>>([.. runs.Take(1).Select(static run => Finished(run.Domain, run.Samples))]);
    }

    public Task<IReadOnlyList<FinishedRun>> CompleteAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<FinishedRun>>([.. Runs().Select(static run => Finished(run.Domain, run.Samples))]);

    private List<(string Domain, List<SampleRecord> Samples)> Runs()
    {
        List<(string Domain, SampleRecord Record)> published = [];
        while (_published.TryDequeue(out var sample)) published.Add(sample);
        List<(string Domain, List<SampleRecord> Samples)> runs = [];
        foreach (var (domain, record) in published.OrderBy(static sample => sample.Record.Index))
        {
            if (runs.Count > 0 && runs[^1].Domain == domain && runs[^1].Samples[^1].Index + 1 == record.Index) runs[^1].Samples.Add(record);
            else runs.Add((domain, [record]));
        }

        return runs;
    }

    private static FinishedRun Finished(string domain, List<SampleRecord> samples) => new(domain, samples, OutputFormat.Files, []);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private Task PutAsync(Sample sample, SampleFileRecord file, CancellationToken cancellationToken) => store.PutFileAsync(
        ObjectKeys.SampleFile(message.JobId, message.Name, sample.Domain, sample.Record.Index, file.Name), sample.PathOf(file),
            cancellationToken);
}
