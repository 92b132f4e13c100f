using VmDataset.Pipeline.Datasets;

namespace VmDataset.Worker.Datasets;

/// <summary>
/// Writes the tables and checksums of a part in one pass over its manifests. Their bytes depend on the job's request and the samples
/// alone, so two workers that write one part at the same time do no harm.
/// </summary>
internal sealed class PartWriter(DatasetRows rows)
{
    /// <summary>Writes the part's files to the temporary folder.</summary>
    /// <param name="job">The job.</param>
    /// <param name="part">The part.</param>
    /// <param name="files">The temporary folder.</param>
    /// <param name="cancellationToken">Ends it anywhere.</param>
    /// <returns>Its record. A list of checksums at the dataset's root is not in it, as it grows by the files about the dataset.</returns>
    /// <exception cref="InvalidDataException">A manifest cannot be read.</exception>
    public async Task<DatasetPartRecord> WriteAsync(Job job, DatasetPart part, DatasetFiles files, CancellationToken cancellationToken)
    {
        var sums = part.PathOf(DatasetFiles.Sums);
        IReadOnlyList<string> tables;
        IReadOnlyList<GeneratorPart> generators;
        await using (var rowTables = new PartTables(job, part, files))
        {
            generators = await WriteRowsAsync(job, part, rowTables, files.At(sums), cancellationToken);
            tables = await rowTables.FinishAsync(cancellationToken);
        }

        List<DataFile> written = [];
        foreach (var table in tables) written.Add(await files.DescribeAsync(table, cancellationToken));
        if (part.Generator is not null) written.Add(await files.DescribeAsync(sums, cancellationToken));
        return new DatasetPartRecord(written, generators);
    }

    private async Task<IReadOnlyList<GeneratorPart>> WriteRowsAsync(
        Job job, DatasetPart part, PartTables tables, string sumsPath, CancellationToken cancellationToken)
    {
        await using var sums = new StreamWriter(sumsPath, append: false, DatasetFiles.Utf8, 1 << 17);
        List<GeneratorPart> generators = [];
        foreach (var generator in part.GeneratorsOf(job))
        {
            var count = new GeneratorPartCount(generator);
            SampleRow? before = null;
            await foreach (var each in rows.RowsAsync(job, generator, part.Samples.Start, cancellationToken))
            {
                if (each.Record.Index >= part.Samples.End) break;
                var row = each with { Folder = part.Folder };
                await tables.AddAsync(row, cancellationToken);
                count.Add(row);
                foreach (var file in DatasetRows.FilesOf(row, before))
                {
                    count.Add(file);
                    await sums.WriteAsync(DatasetFiles.SumLine(file) + "\n");
                }

                before = row;
            }

            generators.Add(count.ToRecord());
        }

        return generators;
    }
}
