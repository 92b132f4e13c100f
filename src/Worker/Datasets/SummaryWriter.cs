using VmDataset.Pipeline.Datasets;

namespace VmDataset.Worker.Datasets;

/// <summary>Writes the files about a whole dataset: its card, its description and the checksums of the files that no part has.</summary>
internal static class SummaryWriter
{
    /// <summary>Writes them to the temporary folder.</summary>
    /// <param name="facts">The dataset.</param>
    /// <param name="tables">The files of its parts.</param>
    /// <param name="files">The temporary folder. A list of checksums that lies in it goes on.</param>
    /// <param name="cancellationToken">Ends it anywhere.</param>
    /// <returns>The files at the dataset's root, tables of its only part included.</returns>
    public static async Task<IReadOnlyList<DataFile>> WriteAsync(
        DatasetFacts facts, IReadOnlyList<DataFile> tables, DatasetFiles files, CancellationToken cancellationToken)
    {
        List<DataFile> written = facts.Tables.InFolders ? [] : [.. tables];
        written.Add(await files.WriteAsync(DatasetFiles.Description, Croissant.Of(facts, tables), cancellationToken));
        written.Add(await files.WriteAsync(DatasetFiles.Card, DatasetCard.Of(facts), cancellationToken));
        var summed = facts.Tables.InFolders ? tables.Concat(written) : written;
        await File.AppendAllLinesAsync(files.At(DatasetFiles.Sums), summed.Select(DatasetFiles.SumLine), DatasetFiles.Utf8,
            cancellationToken);
        written.Add(await files.DescribeAsync(DatasetFiles.Sums, cancellationToken));
        return written;
    }
}
