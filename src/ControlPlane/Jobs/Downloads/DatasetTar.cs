using System.Formats.Tar;
using VmDataset.ControlPlane.Datasets;

namespace VmDataset.ControlPlane.Jobs.Downloads;

/// <summary>Streams a dataset as one tar, straight from the store. Equal datasets give equal bytes.</summary>
internal sealed class DatasetTar(IObjectStore store)
{
    /// <exception cref="IOException">A file is gone; what was written is no whole tar.</exception>
    public async Task WriteAsync(Job job, IAsyncEnumerable<DataFile> files, Stream target, CancellationToken cancellationToken)
    {
        // Paths may be longer than the oldest formats take.
        var tar = new TarWriter(target, TarEntryFormat.Gnu, leaveOpen: true);
        await foreach (var file in files.WithCancellation(cancellationToken))
        {
            var found = await store.GetAsync(ObjectKeys.DatasetFile(job.Id, file.Path), cancellationToken)
                ?? throw new IOException($"The file '{file.Path}' of job '{job.Id}' is not in the store.");
            // A header comes before its content and tells the size, which a stream from S3 does not.
            await using var content = await SeekableContent.OfAsync(found, cancellationToken);
            await tar.WriteEntryAsync(new GnuTarEntry(TarEntryType.RegularFile, file.Path)
            {
                DataStream = content,
                Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead,
                ModificationTime = DateTimeOffset.UnixEpoch,
            }, cancellationToken);
        }

        // Not in a finally: it writes the end mark, by which a tar that was cut short would pass for a whole one.
        await tar.DisposeAsync();
    }
}
