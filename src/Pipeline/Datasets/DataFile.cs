using VmDataset.Pipeline.Records;

namespace VmDataset.Pipeline.Datasets;

/// <summary>A file of a dataset.</summary>
/// <param name="Path">Below the dataset's folder, see <see cref="ObjectKeys.DataPrefix"/>.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Sha256">Lower-case hex.</param>
public sealed record DataFile(string Path, long Bytes, string Sha256);
