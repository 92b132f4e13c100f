using VmDataset.Pipeline.Datasets;

namespace VmDataset.Worker.Datasets;

/// <summary>Where the tables of rows are, as patterns of paths below the dataset's folder.</summary>
/// <param name="InFolders">Whether they lie in the folders of the generators.</param>
/// <param name="HaveNumbers">Whether the tables of a generator are numbered.</param>
/// <param name="HaveSplits">Whether each split has tables of its own.</param>
internal sealed record DatasetTables(bool InFolders, bool HaveNumbers, bool HaveSplits)
{
    private string Folder => InFolders ? "*/" : "";

    /// <summary>The tables in JSON lines.</summary>
    public string Lines => Any(DatasetFiles.Lines);

    /// <summary>The tables in Parquet.</summary>
    public string Parquet => Any(DatasetFiles.Table);

    /// <summary>The lists of checksums.</summary>
    public string Sums => InFolders ? $"{DatasetFiles.Sums} */{DatasetFiles.Sums}{(HaveNumbers ? "-*" : "")}" : DatasetFiles.Sums;

    /// <summary>Whether there is more than one table of a kind.</summary>
    public bool AreMany => InFolders || HaveSplits;

    public static DatasetTables Of(Job job) => DatasetPart.Of(job) switch
    {
        [{ Generator: null }] => new DatasetTables(false, false, job.Splits is not null),
        [{ Count: 1 }, ..] => new DatasetTables(true, false, job.Splits is not null),
        _ => new DatasetTables(true, true, job.Splits is not null),
    };

    /// <summary>A split's tables in JSON lines.</summary>
    public string LinesOf(string split) => Folder + NameOf(DatasetFiles.Lines, split);

    /// <summary>A split's tables in Parquet.</summary>
    public string ParquetOf(string split) => Folder + NameOf(DatasetFiles.Table, split);

    private string NameOf(string file, string split) =>
        $"{Path.GetFileNameWithoutExtension(file)}-{split}{(HaveNumbers ? "-*" : "")}{Path.GetExtension(file)}";

    private string Any(string file) => Folder
        + (HaveNumbers || HaveSplits ? $"{Path.GetFileNameWithoutExtension(file)}-*{Path.GetExtension(file)}" : file);
}
