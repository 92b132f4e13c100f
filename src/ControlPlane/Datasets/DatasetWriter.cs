namespace VmDataset.ControlPlane.Datasets;

/// <summary>
/// Writes the files that make a job's samples a dataset, by way of a temporary folder, in one pass over the manifests. Their
/// bytes depend on the job's request and the samples alone, so two that write them at once do no harm.
/// </summary>
internal sealed class DatasetWriter(DatasetRows rows, IObjectStore store)
{
    public const string Lines = "metadata.jsonl";
    public const string Table = "metadata.parquet";
    public const string Card = "README.md";
    public const string Description = "croissant.json";
    public const string Sums = "SHA256SUMS";

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <returns>What the dataset comes to, and the files about it.</returns>
    public async Task<(DatasetFacts Facts, IReadOnlyList<DataFile> Files)> WriteAsync(
        Job job, JobProgress read, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("vm-dataset-");
        try
        {
            string PathOf(string name) => Path.Combine(folder.FullName, name);

            var facts = await WriteRowsAsync(job, read, PathOf, cancellationToken);
            List<DataFile> files = [await FileAsync(PathOf(Lines), cancellationToken), await FileAsync(PathOf(Table), cancellationToken)];
            await File.WriteAllTextAsync(PathOf(Description), Croissant.Of(facts, files), Utf8, cancellationToken);
            await File.WriteAllTextAsync(PathOf(Card), DatasetCard.Of(facts), Utf8, cancellationToken);
            files.AddRange([await FileAsync(PathOf(Description), cancellationToken), await FileAsync(PathOf(Card), cancellationToken)]);
            await File.AppendAllLinesAsync(PathOf(Sums), files.Select(SumLine), Utf8, cancellationToken);
            files.Add(await FileAsync(PathOf(Sums), cancellationToken));
            foreach (var file in files)
                await store.PutFileAsync(ObjectKeys.DatasetFile(job.Id, file.Path), PathOf(file.Path), cancellationToken);
            return (facts, files);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private async Task<DatasetFacts> WriteRowsAsync(
        Job job, JobProgress read, Func<string, string> pathOf, CancellationToken cancellationToken)
    {
        var columns = RowColumn.Of(job.OutputFormat);
        await using var lines = new JsonLinesWriter(pathOf(Lines), columns);
        await using var table = await ParquetRowsWriter.CreateAsync(pathOf(Table), columns, cancellationToken);
        await using var sums = new StreamWriter(pathOf(Sums), append: false, Utf8, 1 << 17);
        List<GeneratorFacts> generators = [];
        foreach (var generator in job.Generators)
        {
            var facts = new GeneratorFacts(generator, read.MissingOf(job, generator.Name));
            generators.Add(facts);
            SampleRow? before = null;
            await foreach (var row in rows.RowsAsync(job, generator, cancellationToken: cancellationToken))
            {
                lines.Add(row);
                await table.AddAsync(row, cancellationToken);
                facts.Add(row);
                foreach (var file in DatasetRows.FilesOf(row, before))
                {
                    facts.Add(file);
                    await sums.WriteAsync(SumLine(file) + "\n");
                }

                before = row;
            }
        }

        await table.FinishAsync(cancellationToken);
        return new DatasetFacts(job, generators);
    }

    private static string SumLine(DataFile file) => $"{file.Sha256}  {file.Path}";

    private static async Task<DataFile> FileAsync(string path, CancellationToken cancellationToken)
    {
        await using var content = File.OpenRead(path);
        return new DataFile(Path.GetFileName(path), content.Length,
            Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancellationToken)));
    }
}
