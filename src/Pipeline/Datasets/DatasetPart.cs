using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Ranges;

namespace VmDataset.Pipeline.Datasets;

/// <summary>
/// A part of a dataset that one worker writes in one go: the rows of a few hundred thousand samples. Workers of any size, with a minute of
/// a processor and half a gigabyte of disk, can do so.
/// </summary>
/// <param name="Number">1 for the first part of its folder.</param>
/// <param name="Count">The number of parts in its folder.</param>
/// <param name="Samples">The samples of each of its generators, by index.</param>
public sealed record DatasetPart(int Number, int Count, SampleRange Samples)
{
    /// <summary>
    /// A part has no more samples than this. A sample takes about 0.1 ms of a processor and, in the <c>files</c> format, 1.6 kB of disk.
    /// </summary>
    public const int MaxSamples = 250_000;

    /// <summary>The generator whose samples it has; null where one part has those of all generators.</summary>
    public JobGenerator? Generator { get; private init; }

    /// <summary>Where its files lie below the dataset's folder: empty, or the generator's folder with a slash at its end.</summary>
    public string Folder => Generator is null ? "" : $"{Generator.Name}/";

    /// <summary>Names it among the parts of its job.</summary>
    public string Id => string.Create(CultureInfo.InvariantCulture, $"{Generator?.Name ?? "all"}-{Number:D5}");

    /// <summary>The path below the dataset's folder of a file that each part has.</summary>
    /// <param name="name">The file's name where its folder has one part, such as <c>metadata.parquet</c>.</param>
    /// <param name="split">The split that the file is of; null for all samples.</param>
    public string PathOf(string name, string? split = null)
    {
        var stem = Path.GetFileNameWithoutExtension(name) + (split is null ? "" : $"-{split}");
        var number = Count == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $"-{Number:D5}-of-{Count:D5}");
        return $"{Folder}{stem}{number}{Path.GetExtension(name)}";
    }

    /// <summary>The generators whose samples it has.</summary>
    public IReadOnlyList<JobGenerator> GeneratorsOf(Job job) => Generator is null ? job.Generators : [Generator];

    /// <summary>
    /// The parts of a job's dataset: one for a small job, else one or more of each generator. Of a job without duplicates each generator is
    /// one part, as its duplicates are found by reading all of its samples.
    /// </summary>
    /// <param name="job">The job.</param>
    /// <param name="maxSamples">The most samples of a part.</param>
    public static IReadOnlyList<DatasetPart> Of(Job job, int maxSamples = MaxSamples)
    {
        if (job.TotalSamples() <= maxSamples)
            return [new DatasetPart(1, 1, SampleRange.Between(job.StartIndex, job.Generators.Max(job.EndOfDrawing)))];
        return [.. job.Generators.SelectMany(generator => PartsOf(job, generator, maxSamples))];
    }

    private static IEnumerable<DatasetPart> PartsOf(Job job, JobGenerator generator, int maxSamples)
    {
        var all = SampleRange.Between(job.StartIndex, job.EndOfDrawing(generator));
        SampleRange[] ranges = job.Unique ? [all] : [.. all.Split(maxSamples)];
        return ranges.Select((range, at) => new DatasetPart(at + 1, ranges.Length, range) { Generator = generator });
    }
}
