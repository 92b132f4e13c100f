namespace VmDataset.ControlPlane.Datasets;

/// <summary>Describes the state of a job's dataset.</summary>
internal sealed class DatasetViewer(DatasetStore datasets)
{
    public async Task<DatasetView> ViewAsync(Job job, JobProgress read, CancellationToken cancellationToken)
    {
        if (await ReadyAsync(job, read, cancellationToken) is { } ready)
        {
            return new DatasetView
            {
                State = DatasetState.Ready,
                Samples = ready.Samples,
                Bytes = ready.Bytes,
                Files = [.. ready.Files.Select(static file =>
                    new DatasetFileView { Name = file.Path, Bytes = file.Bytes, Sha256 = file.Sha256 })],
            };
        }

        if (!read.Ended) return new DatasetView { State = DatasetState.Pending };
        return new DatasetView
        {
            State = await datasets.IsWritingAsync(job.Id, cancellationToken) ? DatasetState.Writing
            : DatasetState.Pending
        };
    }

    /// <summary>The dataset of a job that has ended, if it is of all that is there now.</summary>
    public async Task<DatasetRecord?> ReadyAsync(Job job, JobProgress read, CancellationToken cancellationToken) =>
        read.Ended && await datasets.FindAsync(job.Id, cancellationToken) is { } record && record.Of == DatasetIdentity.Of(read) ? record
            : null;
}
