using System.Formats.Tar;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Storage;

namespace VmDataset.ControlPlane.Datasets;

/// <summary>Streams a dataset as one tar, straight from the store. Equal datasets give equal bytes.</summary>
internal sealed class DatasetTar(IObjectStore store)
{
    /// <exception cref="IOException">A file is gone; what was written is no whole tar.</exception>
    public async Task WriteAsync(Job job, IAsyncEnumerable<DataFile> files, Stream target, CancellationToken cancellationToken)
    {
        // Paths may be longer than the oldest formats take.
        await using var tar = new TarWriter(target, TarEntryFormat.Gnu, leaveOpen: true);
        await foreach (var file in files.WithCancellation(cancellationToken))
        {
            using var content = await store.GetAsync(ObjectKeys.DatasetFile(job.Id, file.Path), cancellationToken)
                ?? throw new IOException($"The file '{file.Path}' of job '{job.Id}' is not in the store.");
            await tar.WriteEntryAsync(new GnuTarEntry(TarEntryType.RegularFile, file.Path)
            {
                DataStream = content.Content,
                Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead,
                ModificationTime = DateTimeOffset.UnixEpoch,
                AccessTime = DateTimeOffset.UnixEpoch,
                ChangeTime = DateTimeOffset.UnixEpoch,
            }, cancellationToken);
        }
    }
}
