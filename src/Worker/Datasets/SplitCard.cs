namespace VmDataset.Worker.Datasets;

/// <summary>What a dataset's card says about splits. Splits without samples are not among the files that a loader is told of, as it refuses
/// a name or pattern that leads to nothing.</summary>
internal static class SplitCard
{
    /// <summary>The files of a configuration for each split that has some, as Hugging Face reads them.</summary>
    public static void DataFiles(StringBuilder card, IEnumerable<string> splits, Func<string, IReadOnlyList<string>> paths)
    {
        card.Append("  data_files:\n");
        foreach (var split in splits)
        {
            card.Append(CultureInfo.InvariantCulture, $"  - split: \"{split}\"\n    path:\n");
            foreach (var path in paths(split)) card.Append(CultureInfo.InvariantCulture, $"    - \"{path}\"\n");
        }
    }

    /// <summary>The tars of a generator.</summary>
    public static void Tars(StringBuilder card, GeneratorFacts generator, DatasetFacts facts) =>
        DataFiles(card, SplitsOf(generator, facts), split => [$"{generator.Generator.Name}/*-{split}.tar"]);

    /// <summary>The splits that have samples of a generator.</summary>
    public static IEnumerable<string> SplitsOf(GeneratorFacts generator, DatasetFacts facts) =>
        facts.Splits.Select(static each => each.Name).Where(split => generator.SamplesIn(split) > 0);

    /// <summary>The splits that have samples.</summary>
    public static IEnumerable<string> Filled(DatasetFacts facts) =>
        facts.Splits.Where(static each => each.Samples > 0).Select(static each => each.Name);

    /// <summary>The section of the splits.</summary>
    public static void Section(StringBuilder card, DatasetFacts facts)
    {
        if (facts.Job.Splits is not { } plan) return;
        card.Append("## Splits\n\n| split | share | samples |\n| --- | --- | --- |\n");
        foreach (var (name, samples) in facts.Splits)
        {
            var share = plan.Shares.FirstOrDefault(each => each.Name == name)?.Share.ToString(CultureInfo.InvariantCulture);
            card.Append(CultureInfo.InvariantCulture, $"| {name} | {share} | {samples:N0} |\n");
        }

        card.Append("""

            The content of a sample decides its split: the first 16 digits of its `fingerprint`, as a fraction of 2^64, fall into one of the
            shares, which are laid end to end in the order of the splits' names. So equal samples are in the same split, and a dataset that
            is drawn with more samples, or in other batches, moves none.


            """);
        if (facts.Job.Holdout is not { } held) return;
        card.Append(CultureInfo.InvariantCulture,
            $"Held out: all samples of {string.Join(", ", held.Select(static name => $"`{name}`"))} are in `{facts.Job.HoldoutSplitName()}`.\n\n");
    }
}
