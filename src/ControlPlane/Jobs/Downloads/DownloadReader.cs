using VmDataset.ControlPlane.Datasets;
using VmDataset.ControlPlane.Jobs.Samples;
using VmDataset.Pipeline.Datasets;
using VmDataset.Pipeline.Exports;

namespace VmDataset.ControlPlane.Jobs.Downloads;

/// <summary>Lists the files of a dataset: those about it, those of its exports that copy no samples, then those of its samples, generators
/// in the job's order.</summary>
internal sealed class DownloadReader(DatasetStore datasets, ExportStore exports, DatasetRows rows, FileLinks links)
{
    public async Task<(IReadOnlyList<DownloadView> Files, DownloadCursor? Next)> PageAsync(
        Job job, DatasetRecord record, DownloadCursor? after, int limit, CancellationToken cancellationToken)
    {
        List<DownloadView> page = [];
        DownloadCursor? last = null;
        await foreach (var (file, at) in FilesAsync(job, record, after, cancellationToken))
        {
            if (page.Count == limit) return (page, last);
            page.Add(new DownloadView
            {
                Path = file.Path,
                Bytes = file.Bytes,
                Sha256 = file.Sha256,
                Url = links.To(job.Id, ObjectKeys.DatasetFile(job.Id, file.Path)),
            });
            last = at;
        }

        return (page, null);
    }

    /// <summary>The files behind a place in the list, each with its own.</summary>
    public async IAsyncEnumerable<(DataFile File, DownloadCursor At)> FilesAsync(
        Job job, DatasetRecord record, DownloadCursor? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var from = after ?? DownloadCursor.Start;
        var about = from.IsAboutDataset ? await AboutAsync(job, record, cancellationToken) : [];
        for (var number = from.Number; number < about.Count; number++)
            yield return (about[number], DownloadCursor.Start with { Number = number + 1 });

        foreach (var generator in job.Generators.SkipWhile(generator => !from.IsAboutDataset && generator.Name != from.Generator))
        {
            var within = generator.Name == from.Generator ? from : new DownloadCursor(generator.Name, job.StartIndex, 0);
            SampleRow? before = null;
            await foreach (var row in rows.RowsAsync(job, generator, within.Index, cancellationToken))
            {
                var index = row.Record.Index;
                foreach (var (number, file) in DatasetRows.FilesOf(row, before).Index())
                    if (index > within.Index || number >= within.Number) yield return (
                        file, new DownloadCursor(generator.Name, index, number + 1));
                before = row;
            }
        }
    }

    private async Task<IReadOnlyList<DataFile>> AboutAsync(Job job, DatasetRecord record, CancellationToken cancellationToken)
    {
        var made = await exports.AllAsync(job.Id, cancellationToken);
        return [.. await datasets.FilesAsync(job.Id, record, cancellationToken),
            // Shards are the samples once more.
            .. made.Where(export => export.Made?.Of == record.Of && export.Made.Options.Shards is null)
                .SelectMany(static export => export.Made!.Files)];
    }
}
